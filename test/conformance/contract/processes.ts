import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, vi } from "vitest";
import { AgentListResponse } from "../../../src/schema/agent.ts";
import type { ContentPart } from "../../../src/schema/content.ts";
import { hold, reply, text } from "../../support/model-script.ts";
import type { LiveSession } from "../../support/live-session.ts";
import { postJson } from "../../support/post-json.ts";
import { expectNoProcesses, type LivingProcess } from "../../support/processes.ts";
import { untilDeadline } from "./daemon-deadline.ts";
import { expectUsable, requestsOf, told } from "./expect-usable.ts";
import { startLongCommand, untilLongCommand, untilNoLongCommand } from "./long-command.ts";
import type { Rig, Scenario, Stage } from "./scenario.ts";

/** How long an agent is idle before its process is let go, in the surroundings `idle`. */
export const IDLE_MS = 300;

async function killAgent(rig: Rig): Promise<void> {
  const found = await rig.agentProcesses();
  expect(found).not.toEqual([]);
  for (const { pid } of found) process.kill(pid, "SIGKILL");
}

/** Two sessions in mid turn when all processes of the agent are killed. */
async function killInMidTurn(stage: Stage): Promise<void> {
  const gate = `killed-${randomUUID()}`;
  const message = stage.script([reply([text("Starting "), hold(gate)])]);
  const killed = Promise.withResolvers<void>();
  let waiting = 0;
  const live = () =>
    stage.sharedSession("text", async (session) => {
      const word = `remember-${randomUUID()}`;
      await session.run(`${word} ${stage.message("text")}`);
      const turn = await session.send(message);
      await stage.rig.model.reached(gate, { times: 2 });
      waiting += 1;
      if (waiting === 2) await killAgent(stage.rig).then(killed.resolve, killed.reject);
      await killed.promise;
      expect(await session.turnEnded(turn)).toMatchObject({
        status: "failed",
        error: { code: "process_exit", message: expect.stringContaining("SIGKILL") },
      });
      // Where the agent's work is done by a server elsewhere, that goes on without the process.
      stage.rig.model.release(gate);
      const { nativeSessionId } = await session.info();
      await expectUsable(stage, session);
      expect(await session.info()).toMatchObject({ status: "idle", nativeSessionId });
      const asked = await requestsOf(stage, session);
      expect(asked.filter((request) => request.includes(word)).length).toBeGreaterThan(1);
    });
  await Promise.all([live(), live()]);
}

function signalAll(found: readonly LivingProcess[], name: NodeJS.Signals): void {
  for (const { pid } of found) {
    try {
      process.kill(pid, name);
    } catch {
      // It has been ended meanwhile.
    }
  }
}

async function untilReleased({ rig }: Stage): Promise<void> {
  const released = async () => expect(await rig.agentProcesses()).toEqual([]);
  await vi.waitFor(released, { timeout: 60_000 });
}

/** A command that starts a web server in the background, which writes its port to a file. */
function backgroundServer(launcher: string): string {
  const script =
    'const {createServer} = require("node:http");' +
    'const server = createServer((request, response) => response.end("here", () => request.url === "/quit" && process.exit()));' +
    'server.listen(0, "127.0.0.1", () => require("node:fs").writeFileSync("port", String(server.address().port)));';
  return launcher.replace("SERVER", `'${process.execPath}' -e '${script}' >/dev/null 2>&1`);
}

/** Starts a server by the agent's shell tool, and returns its URL after the agent has been idle for long. */
async function serveBeyondIdle(
  stage: Stage,
  session: LiveSession,
  { directory, launcher }: { directory: string; launcher: string },
): Promise<string> {
  const command = backgroundServer(launcher);
  const started = stage.script([reply([stage.subject.command(command)]), reply("Started.")]);
  expect(await session.run(started)).toMatchObject({ status: "completed" });
  const file = join(directory, "port");
  const port = await vi.waitFor(() => readFile(file, "utf8").then(Number), { timeout: 60_000 });
  const url = `http://127.0.0.1:${port}`;
  await untilDeadline(stage, IDLE_MS * 4);
  expect(await (await fetch(url)).text()).toBe("here");
  return url;
}

function isNoticeOfEnd(part: ContentPart): boolean {
  return part.type === "status" && part.detail?.startsWith("Ended what still ran") === true;
}

/** What becomes of the agent's processes. */
export const processes: Scenario[] = [
  {
    id: "process.killed",
    title:
      "killed in mid turn fails the turns of two sessions, and both go on with their conversations",
    surroundings: "killed",
    alone: "kills the agent's processes",
    play: killInMidTurn,
  },
  {
    id: "process.killed.command",
    title: "killed while its command runs takes the command with it",
    surroundings: "killed",
    alone: "kills the agent's processes",
    play: (stage) =>
      stage.sharedSession("bashlong", async (session, directory) => {
        const turn = await startLongCommand(stage, session, directory);
        await killAgent(stage.rig);
        expect(await session.turnEnded(turn)).toMatchObject({ error: { code: "process_exit" } });
        await untilNoLongCommand(stage, directory);
        await expectUsable(stage, session);
      }),
  },
  {
    id: "process.killed.permission",
    title: "killed while a permission is open rejects it",
    surroundings: "killed",
    alone: "kills the agent's processes",
    play: (stage) =>
      stage.sharedSession("bash", async (session) => {
        const turn = await session.send(stage.message("bash"));
        await session.permission();
        await killAgent(stage.rig);
        expect(await session.turnEnded(turn)).toMatchObject({ error: { code: "process_exit" } });
        expect(session.of("permission.resolved")[0]?.data).toMatchObject({ status: "reject" });
        expect(await session.info()).toMatchObject({ pendingPermissions: [] });
      }),
  },
  {
    id: "process.stopped",
    title: "that answers nothing does not keep a turn from being interrupted",
    alone: "stops the agent's processes",
    play: (stage) =>
      stage.sharedSession("text", async (session) => {
        const gate = `stopped-${randomUUID()}`;
        const turn = await session.send(stage.script([reply([text("Starting "), hold(gate)])]));
        await stage.rig.model.reached(gate);
        const found = await stage.rig.agentProcesses();
        signalAll(found, "SIGSTOP");
        try {
          await session.interrupt();
          expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
        } finally {
          signalAll(found, "SIGCONT");
          stage.rig.model.release(gate);
        }
        await expectUsable(stage, session);
      }),
  },
  {
    id: "process.shared",
    title: "is one for all sessions",
    alone: "counts the agent's processes",
    proves: ["sharedProcess"],
    play: (stage) =>
      stage.session("text", async (one) => {
        await expectUsable(stage, one);
        // Sessions with other repository settings may have left a server of their own.
        const before = await pidsOf(stage);
        await stage.session("text", async (other) => {
          await Promise.all([expectUsable(stage, one), expectUsable(stage, other)]);
          expect(await pidsOf(stage)).toEqual(before);
          const url = `${stage.rig.daemon.url}/v1/agents`;
          const { agents } = AgentListResponse.parse(await (await fetch(url)).json());
          const { serverStatus } = agents.find(({ id }) => id === stage.subject.id) ?? {};
          expect(serverStatus).toMatchObject({ status: "running" });
        });
      }),
  },
  {
    id: "process.idle",
    title: "that is idle is let go, and the next message goes on with the same conversation",
    surroundings: "idle",
    alone: "waits for the agent to be idle",
    play: (stage) =>
      stage.sharedSession("text", async (session) => {
        const word = `remember-${randomUUID()}`;
        await session.run(`${word} ${stage.message("text")}`);
        await untilReleased(stage);
        const before = await session.info();
        expect(before).toMatchObject({ status: "idle", ended: false });
        await expectUsable(stage, session);
        expect((await session.info()).nativeSessionId).toBe(before.nativeSessionId);
        expect(await told(stage, session)).toContain(word);
        expect(session.of("error")).toEqual([]);
      }),
  },
  {
    id: "process.idle.race",
    title: "is met by messages at any moment of its leaving, and none is lost",
    surroundings: "idle",
    alone: "waits for the agent to be idle",
    limitMs: 600_000,
    play: (stage) =>
      stage.sharedSession("text", async (session) => {
        for (const spare of [-20, -5, 0, 2, 5, 10, 20, 40]) {
          await expectUsable(stage, session);
          // The moment of the next message is the stimulus.
          await sleep(IDLE_MS + spare);
        }
        await expectUsable(stage, session);
        expect(session.of("error")).toEqual([]);
      }),
  },
  {
    id: "process.idle.permission",
    title: "stays while a permission is open",
    surroundings: "idle",
    alone: "waits for the agent to be idle",
    play: (stage) =>
      stage.sharedSession("bash", async (session) => {
        const turn = await session.send(stage.message("bash"));
        const asked = await session.permission();
        await untilDeadline(stage, IDLE_MS * 4);
        expect(await stage.rig.agentProcesses()).not.toEqual([]);
        await session.replyTo(asked, "once");
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        await untilReleased(stage);
      }),
  },
  {
    id: "process.idle.setsid",
    title:
      "stays while a server of the user runs in a session of its own, which ends with the session",
    surroundings: "idle",
    alone: "waits for the agent to be idle",
    play: (stage) =>
      stage.session(
        "bash",
        async (session, directory) => {
          const launcher = "setsid -f SERVER";
          const url = await serveBeyondIdle(stage, session, { directory, launcher });
          await session.terminate();
          await expect(fetch(url)).rejects.toThrow();
          const { data } = await session.until("item.completed", ({ data: { item } }) =>
            item.content.some(isNoticeOfEnd),
          );
          const command = expect.stringContaining("createServer");
          expect(data.item.content).toMatchObject([
            { label: "warning", data: { processes: [{ pid: expect.any(Number), command }] } },
          ]);
        },
        { permissionMode: "bypass" },
      ),
  },
  {
    id: "process.idle.nohup",
    title: "stays while a server that a command left behind runs, and goes after it",
    surroundings: "idle",
    alone: "waits for the agent to be idle",
    play: (stage) =>
      stage.session(
        "bash",
        async (session, directory) => {
          const launcher = "nohup SERVER &";
          const url = await serveBeyondIdle(stage, session, { directory, launcher });
          expect(await stage.rig.agentProcesses()).not.toEqual([]);
          await (await fetch(`${url}/quit`)).text();
          await untilReleased(stage);
        },
        { permissionMode: "bypass" },
      ),
  },
  {
    id: "process.daemon",
    title: "goes with a daemon that is told to stop while a command runs, in less than ten seconds",
    surroundings: "killed",
    alone: "stops the daemon",
    async play(stage) {
      const { rig, subject } = stage;
      const url = `${rig.daemon.url}/v1/sessions/leaving`;
      const post = (path: string, body: object) => postJson(`${url}${path}`, body);
      const { body } = subject.acts?.bashlong ?? {};
      const directory = await rig.directory("leaving");
      const created = await post("", {
        agent: subject.id,
        permissionMode: "bypass",
        directory,
        ...body,
      });
      expect(created.status, await created.text()).toBe(200);
      await post("/messages", { message: stage.message("bashlong") });
      await untilLongCommand(stage, directory);
      // A daemon whose work does not end in less than ten seconds leaves it, with the exit code 1.
      expect(await rig.daemon.stop(), rig.daemon.stderr()).toEqual({ code: 0, signal: null });
      await expectNoProcesses(rig.home.dir);
    },
  },
];

async function pidsOf({ rig }: Stage): Promise<number[]> {
  return (await rig.agentProcesses()).map(({ pid }) => pid).toSorted((a, b) => a - b);
}
