import { setTimeout as sleep } from "node:timers/promises";
import { startModelServer } from "../test/support/model-server.ts";
import { Opencode } from "../test/support/opencode/client.ts";
import { opencodeScenarios } from "../test/support/opencode/scenarios.ts";
import { realAgent } from "../test/support/real-agents.ts";
import { AppServer, type Message } from "../test/support/responses/app-server.ts";
import { codexScenarios } from "../test/support/responses/scenarios.ts";
import { startResponsesServer } from "../test/support/responses/server.ts";
import { temporaryHome } from "../test/support/sandbox.ts";
import { type Measure, median, repeat, type Scale } from "./support/measure.ts";

const MESSAGE = "hi @@text@@";
const isDelta = ({ method }: Message) => method === "item/agentMessage/delta";

/** What the second turn of an agent takes without a daemon: the part of its row that is not ours. */
export const bareTurnMeasures: Measure[] = [
  bare("codex-bare-turn", "codex app-server", codexTurns),
  bare("opencode-bare-turn", "opencode serve", opencodeTurns),
];

function bare(name: string, what: string, turns: (scale: Scale) => Promise<number[]>): Measure {
  return {
    name,
    method: `second turn on a bare ${what}: its own request to its first delta, median of 5`,
    unit: "ms",
    lessIsBetter: true,
    once: true,
    run: async (_target, scale) => ({ value: median(await turns(scale)) }),
  };
}

async function codexTurns({ quick }: Scale): Promise<number[]> {
  const { path } = await realAgent("codex");
  await using home = await temporaryHome();
  await using model = await startResponsesServer({ scripts: codexScenarios });
  await using server = new AppServer({ path, home, baseUrl: model.url });
  await server.initialize();
  return await repeat(quick ? 1 : 5, async () => {
    const thread = await server.startThread({ cwd: home.work, sandbox: "read-only" });
    const turn = async () => {
      const since = server.transcript.length;
      const begun = performance.now();
      const delta = server.first(isDelta, undefined, since).then(() => performance.now());
      await server.turnEnd(await server.startTurn(thread, MESSAGE));
      return (await delta) - begun;
    };
    await turn();
    await sleep(300);
    return await turn();
  });
}

async function opencodeTurns({ quick }: Scale): Promise<number[]> {
  const { path } = await realAgent("opencode");
  await using home = await temporaryHome();
  await using model = await startModelServer({ scripts: opencodeScenarios });
  await using server = await Opencode.start({ path, home, model: model.url });
  return await repeat(quick ? 1 : 5, async () => {
    const session = await server.createSession();
    await server.turn(session, MESSAGE);
    await sleep(300);
    const since = server.transcript.lines.length;
    const begun = performance.now();
    const turn = server.turn(session, MESSAGE);
    let first = NaN;
    for await (const { payload } of server.transcript.follow({ since, timeoutMs: 20_000 })) {
      if (payload.type !== "message.part.delta") continue;
      first = performance.now();
      break;
    }
    await turn;
    return first - begun;
  });
}
