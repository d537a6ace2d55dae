import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import type { RealAgentId } from "../../support/real-agents.ts";

const Report = z.object({
  testResults: z.array(
    z.object({
      assertionResults: z.array(
        z.object({
          title: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).default([]),
        }),
      ),
    }),
  ),
});

/** A conformance scenario that the pinned release passes and the tested one does not. */
export interface FailedScenario {
  readonly title: string;
  readonly message: string;
}

/** Plays the conformance suite of an agent and returns the scenarios that do not pass. */
export async function failedScenarios(id: RealAgentId): Promise<FailedScenario[]> {
  const folder = await mkdtemp(join(tmpdir(), "sa-canary-"));
  try {
    const report = join(folder, "report.json");
    const { exitCode, stderr } = await execa(
      "vitest",
      ["run", `test/conformance/${id}.test.ts`, "--reporter=json", `--outputFile=${report}`],
      { preferLocal: true, reject: false },
    );
    const text = await readFile(report, "utf8").catch(() => undefined);
    if (text === undefined) return [{ title: "the suite", message: stderr }];
    const failed = failuresIn(text);
    // A suite may fail without a failed test, such as when its daemon does not end.
    if (exitCode !== 0 && failed.length === 0) return [{ title: "the suite", message: stderr }];
    return failed;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The scenarios that do not pass in a JSON report of vitest. */
export function failuresIn(report: string): FailedScenario[] {
  return Report.parse(JSON.parse(report))
    .testResults.flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status !== "passed")
    .map(({ title, status, failureMessages }) => ({
      title,
      message: failureMessages[0]?.split("\n")[0] ?? status,
    }));
}
