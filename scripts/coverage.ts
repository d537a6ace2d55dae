// Plays the conformance suite and writes docs/coverage.md from what has passed; exits with 1 where
// something has not. Names of agents as arguments play those alone, and write nothing.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { type Outcomes, renderCoverage } from "../test/conformance/coverage.ts";
import { subjects } from "../test/conformance/subjects/all.ts";
import { REAL_AGENTS } from "../test/support/real-agents.ts";

const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(z.object({ title: z.string(), status: z.string() })),
    }),
  ),
});

const chosen = process.argv.slice(2);
const files = (chosen.length > 0 ? chosen : subjects.map(({ id }) => id)).map(
  (id) => `test/conformance/${id}.test.ts`,
);
const folder = await mkdtemp(join(tmpdir(), "sa-coverage-"));
try {
  const report = join(folder, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const { exitCode } = await execa("vitest", ["run", ...files, ...reporters], {
    preferLocal: true,
    stdout: "inherit",
    stderr: "inherit",
    reject: false,
  });
  const { testResults } = Report.parse(JSON.parse(await readFile(report, "utf8")));
  if (chosen.length === 0) await writeCoverage(outcomesOf(testResults));
  process.exitCode = exitCode === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true });
}

async function writeCoverage(outcomes: Outcomes): Promise<void> {
  const versions = Object.fromEntries(
    Object.entries(REAL_AGENTS).map(([id, { version }]) => [id, version]),
  );
  const path = join(import.meta.dirname, "../docs/coverage.md");
  await writeFile(path, renderCoverage(subjects, versions, outcomes));
}

/** A test's title begins with the id of its scenario. */
function outcomesOf(results: z.infer<typeof Report>["testResults"]): Outcomes {
  return new Map(
    results.map(({ name, assertionResults }) => [
      /(\w+)\.test\.ts$/.exec(name)?.[1] ?? "",
      new Map(
        assertionResults.map(({ title, status }) => [
          title.split(":")[0] ?? "",
          status === "passed",
        ]),
      ),
    ]),
  );
}
