import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { AgentListResponse } from "../../src/schema/agent.ts";
import { startDaemon } from "../support/daemon.ts";
import { REAL_AGENTS } from "../support/real-agents.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { provenCapabilities, renderCoverage, scenariosOf } from "./coverage.ts";
import { subjects } from "./subjects/all.ts";

const versions = Object.fromEntries(
  Object.entries(REAL_AGENTS).map(([id, { version }]) => [id, version]),
);

it("docs/coverage.md tells what is played, and why the rest is not", () => {
  const document = readFileSync(join(import.meta.dirname, "../../docs/coverage.md"), "utf8");
  expect(document).toBe(renderCoverage(subjects, versions));
});

it("the API claims the capabilities that scenarios prove, and no others", async () => {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home, args: ["--no-token", "--offline"] });
  const answer = await fetch(`${daemon.url}/v1/agents`);
  const { agents } = AgentListResponse.parse(await answer.json());
  expect(agents.map(({ id }) => id).toSorted()).toEqual(subjects.map(({ id }) => id).toSorted());
  for (const subject of subjects) {
    const { capabilities } = agents.find(({ id }) => id === subject.id) ?? {};
    expect(capabilities, subject.id).toEqual(provenCapabilities(subject));
  }
});

it.each(subjects)(
  "$id: what it cannot do is a scenario, and what it claims is not proven anyway",
  (subject) => {
    const ids = scenariosOf(subject).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(Object.keys(subject.cannot)));
    const proven = provenCapabilities({ ...subject, claims: {} });
    for (const claim of Object.keys(subject.claims ?? {})) {
      expect(proven[claim as keyof typeof proven], claim).toBe(false);
    }
  },
);
