import { afterAll, beforeAll, describe, it } from "vitest";
import type { Act, Rig, Scenario, Stage, Subject, Surroundings } from "./contract/scenario.ts";
import { scenariosOf } from "./coverage.ts";

const LIMIT_MS = 30_000;

/** Holds an agent to the contract: a test for each scenario but those that it cannot do. */
export function describeConformance(subject: Subject): void {
  const able = scenariosOf(subject).filter(({ id }) => !Object.hasOwn(subject.cannot, id));
  const bySurroundings = Map.groupBy(able, ({ surroundings = "usual" }) => surroundings);
  for (const [surroundings, scenarios] of bySurroundings) {
    describe(`${subject.id}, ${surroundings}`, () => playAll(subject, surroundings, scenarios));
  }
}

function playAll(
  subject: Subject,
  surroundings: Surroundings,
  scenarios: readonly Scenario[],
): void {
  let rig: Rig;
  beforeAll(async () => {
    rig = await subject.start(surroundings);
  });
  afterAll(() => rig?.[Symbol.asyncDispose]());
  for (const scenario of scenarios) {
    const { id, title, limitMs = LIMIT_MS } = scenario;
    it(`${id}: ${title}`, () => scenario.play(stageOf(subject, rig)), limitMs);
  }
}

function stageOf(subject: Subject, rig: Rig): Stage {
  const { acts = {} } = subject;
  return {
    subject,
    rig,
    message: (act: Act) => acts[act]?.message ?? `go @@${act}@@`,
    session: (act, work, body) => rig.session(work, { ...acts[act]?.body, ...body }),
  };
}
