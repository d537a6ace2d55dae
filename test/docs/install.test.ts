import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { targets } from "../../scripts/targets.ts";
import { codeSpans, tableRows } from "../support/code-blocks.ts";

const repository = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(repository, path), "utf8");
const document = read("docs/install.md");

const rows = tableRows(document);

it("lists every platform, and says of those that nothing runs on that nothing has been run", () => {
  const listed = rows.filter(([platform]) => /^`(linux|darwin)-/.test(platform ?? ""));
  expect(listed.flatMap(([names]) => codeSpans(names)).toSorted()).toEqual(
    targets.map(({ name }) => name).toSorted(),
  );
  const notRun = listed.filter(([, what]) => what === "nothing: built, not run");
  expect(notRun.flatMap(([names]) => codeSpans(names)).toSorted()).toEqual(
    targets.flatMap(({ name, run }) => (run === "never" ? [name] : [])).toSorted(),
  );
});

it("lists the options and variables of install.sh", async () => {
  const script = read("install.sh");
  const options = rows.filter(([option]) => option?.startsWith("`--"));
  const { stdout } = await execa("sh", [join(repository, "install.sh"), "--help"], {
    env: { HOME: "/nonexistent", PATH: "/usr/bin:/bin" },
    extendEnv: false,
  });
  for (const [option] of options) expect(stdout).toContain(`[${codeSpans(option)[0]}]`);
  for (const [, variable] of options) {
    for (const name of codeSpans(variable)) expect(script).toContain(`\${${name}:-`);
  }
  expect(script).toContain("${SANDBOX_AGENT_BASE_URL:-}");
});
