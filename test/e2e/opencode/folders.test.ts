import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { OpencodeServer } from "../../../src/agents/opencode/server.ts";
import { Child } from "../../../src/io/child.ts";
import type { CreateSessionRequest } from "../../../src/schema/session.ts";
import { hold, reply, text } from "../../support/model-script.ts";
import { startOpencode } from "../../support/opencode-daemon.ts";
import { opencodeEnv } from "../../support/opencode/config.ts";
import { realAgent } from "../../support/real-agents.ts";
import { temporaryHome } from "../../support/sandbox.ts";
import { serverStatus } from "../../support/server-status.ts";

/** Time limit of a turn that starts the server, in milliseconds. */
const START_MS = 60_000;

/** Puts a plugin into a folder that never finishes its start. */
async function makeHang(directory: string): Promise<void> {
  const plugins = join(directory, ".opencode/plugin");
  await mkdir(plugins, { recursive: true });
  await writeFile(
    join(plugins, "x.js"),
    "export const Hangs = async () => { await new Promise(() => {}); return {}; };\n",
  );
}

it("a request for a folder whose plugin hangs fails, and the server keeps running", async () => {
  await using home = await temporaryHome();
  const { path: executable } = await realAgent("opencode");
  await using server = new OpencodeServer({
    executable,
    env: { ...home.env, ...opencodeEnv(undefined) },
    idleMs: 0,
    startChild: (options) => Child.start(options),
    limits: { answerMs: 3000 },
  });
  using _use = server.use();
  const [silent, well] = [join(home.work, "silent"), join(home.work, "well")];
  await Promise.all([makeHang(silent), mkdir(well)]);
  const { http } = await server.connect();
  await http.request("GET", "/config", { directory: well, limitMs: 60_000 });
  const asked = Array.from({ length: 20 }, () =>
    http.request("GET", "/config", { directory: silent }).catch((cause: unknown) => cause),
  );
  // Meanwhile, although more requests hang than a browser would keep open.
  await http.request("GET", "/config", { directory: well });
  for (const cause of await Promise.all(asked)) {
    expect(cause).toMatchObject({
      name: "FolderSilent",
      message: expect.stringContaining(`no answer to GET /config within 3 s for ${silent}`),
    });
  }
  await http.request("GET", "/config", { directory: well });
  expect(server.status).toMatchObject({ status: "running", restartCount: 0 });
});

it(
  "a turn in a folder that hangs is interrupted, and the turns of other sessions go on",
  { timeout: 300_000 },
  async () => {
    await using opencode = await startOpencode();
    const body = { repositorySettings: "use" } as Partial<CreateSessionRequest>;
    await opencode.session(
      async (session, directory) =>
        opencode.session(async (other) => {
          const first = await opencode.agentProcesses();
          await makeHang(directory);
          // The next server opens the folder again, now with the plugin.
          process.kill(first[0]?.pid ?? 0, "SIGKILL");
          const { url } = opencode.daemon;
          await expect.poll(() => serverStatus(url, "opencode")).toMatchObject({ status: "error" });
          const next = await other.send("go @@text@@");
          expect(await other.turnEnded(next, START_MS)).toMatchObject({ status: "completed" });
          const [server] = await opencode.agentProcesses();
          opencode.model.script("waits", [reply([text("One "), hold("waits"), text("two.")])]);
          const waiting = await other.send("go @@waits@@");
          await opencode.model.reached("waits");
          const turn = await session.send("go @@text@@");
          await session.interrupt();
          expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
          expect(await session.info()).toMatchObject({ status: "idle" });
          opencode.model.release("waits");
          expect(await other.turnEnded(waiting)).toMatchObject({ status: "completed" });
          expect(await opencode.agentProcesses()).toMatchObject([{ pid: server?.pid }]);
          await session.terminate();
          expect(await other.run("and now @@text@@")).toMatchObject({ status: "completed" });
          expect(await opencode.agentProcesses()).toMatchObject([{ pid: server?.pid }]);
        }, body),
      body,
    );
  },
);
