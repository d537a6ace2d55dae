// Writes docs/openapi.json, and the types of the SDK that are made of it.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadRoutes } from "../src/server/route-table.ts";
import { describeApi } from "../src/server/openapi.ts";
import { version } from "../src/version.ts";
import { type OpenApi, renderOpenApiTypes } from "./openapi-types.ts";

const root = join(import.meta.dirname, "..");
const text = JSON.stringify(await describeApi(await loadRoutes(), version), undefined, 2);
await writeFile(join(root, "docs/openapi.json"), `${text}\n`);
const types = await renderOpenApiTypes(JSON.parse(text) as OpenApi);
await writeFile(join(root, "src/sdk/openapi-types.ts"), types);
