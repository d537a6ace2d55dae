import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it, vi } from "vitest";
import type { Act, Rig, Scenario, Stage, Subject, Surroundings } from "./contract/scenario.ts";
import { scenariosOf } from "./coverage.ts";
import { SessionPool } from "./session-pool.ts";

/**
 * A scenario takes up to thirty seconds beside others, the start of a server included; the limit only
 * ends one that hangs.
 */
const LIMIT_MS = 300_000;

/**
 * Declares a test for each scenario of the contract that the agent can do. Each kind
 * of surroundings has a daemon. Its scenarios play concurrently, then the `alone` scenarios in turn.
 */
export function describeConformance(subject: Subject): void {
  vi.setConfig({ maxConcurrency: subject.concurrency });
  const able = scenariosOf(subject).filter(({ id }) => !Object.hasOwn(subject.cannot, id));
  const bySurroundings = Map.groupBy(able, ({ surroundings = "usual" }) => surroundings);
  for (const [surroundings, scenarios] of bySurroundings) {
    describe.concurrent(`${subject.id}, ${surroundings}`, () =>
      playAll(subject, surroundings, scenarios));
  }
}

function playAll(
  subject: Subject,
  surroundings: Surroundings,
  scenarios: readonly Scenario[],
): void {
  let rig: Rig;
  let pool: SessionPool;
  beforeAll(async () => {
    rig = await subject.start(surroundings);
    pool = new SessionPool(rig);
  }, LIMIT_MS);
  afterAll(async () => {
    await using _ended = rig;
    await pool?.finish();
  }, LIMIT_MS);
  for (const scenario of inPlayOrder(scenarios)) {
    const { id, title, alone, limitMs = LIMIT_MS } = scenario;
    const concurrent = alone === undefined;
    it(`${id}: ${title}`, { concurrent, timeout: limitMs }, async () => {
      // A session must be finished before its daemon stops.
      if (alone === "stops the daemon") await pool.finish();
      await scenario.play(stageOf(subject, rig, pool));
    });
  }
}

/**
 * Scenarios that play concurrently come first, the end of the daemon last. Among equals, scenarios with
 * a limit of their own come first: begun last, such a scenario would run alone at the end.
 */
function inPlayOrder(scenarios: readonly Scenario[]): Scenario[] {
  const rank = ({ alone }: Scenario) =>
    alone === undefined ? 0 : alone === "stops the daemon" ? 2 : 1;
  const limit = ({ limitMs = 0 }: Scenario) => limitMs;
  return scenarios.toSorted((a, b) => rank(a) - rank(b) || limit(b) - limit(a));
}

function stageOf(subject: Subject, rig: Rig, pool: SessionPool): Stage {
  const { acts = {} } = subject;
  return {
    subject,
    rig,
    message: (act: Act) => acts[act]?.message ?? `go @@${act}@@`,
    script: (steps) => {
      const name = `script-${randomUUID()}`;
      rig.model.script(name, steps);
      return `go @@${name}@@`;
    },
    longCommands: async (directory) => {
      const found = await rig.processes("long.started");
      return found.filter((one) => one.directory === directory);
    },
    session: (act, work, body) => rig.session(work, { ...acts[act]?.body, ...body }),
    sharedSession: (act, work, body) => pool.use(work, { ...acts[act]?.body, ...body }),
  };
}
