import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { allRoutes } from "../src/server/all-routes.ts";
import { describeApi } from "../src/server/openapi.ts";
import { version } from "../src/version.ts";

const file = fileURLToPath(new URL("../docs/openapi.json", import.meta.url));
await writeFile(file, `${JSON.stringify(describeApi(allRoutes(), version), undefined, 2)}\n`);
