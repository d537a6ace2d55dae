import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { expect } from "vitest";

// Its own validator asks for packages that nobody has kept for years; the schemas are all that is needed.
const schemas = new URL(
  "res/schema/",
  import.meta.resolve("@cyclonedx/cyclonedx-library/package.json"),
);

async function readSchema(name: string): Promise<object> {
  const schema: object = JSON.parse(await readFile(fileURLToPath(new URL(name, schemas)), "utf8"));
  return schema;
}

/** A bill of materials is one as the schema of its CycloneDX version has it. */
export async function expectCycloneDx(bill: { specVersion: string }): Promise<void> {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addFormat("iri-reference", (text) => URL.canParse(text, "http://base.example"));
  ajv.addFormat("idn-email", /^[^@\s]+@[^@\s]+$/);
  for (const name of ["spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json"]) {
    // By the name that the schema of bills has for it.
    ajv.addSchema(await readSchema(name), `http://cyclonedx.org/schema/${name}`);
  }
  const validate = ajv.compile(await readSchema(`bom-${bill.specVersion}.SNAPSHOT.schema.json`));
  expect(validate(bill), ajv.errorsText(validate.errors)).toBe(true);
}
