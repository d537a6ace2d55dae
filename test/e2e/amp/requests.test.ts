import { lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { settingsFile, type AmpDaemon, startAmp } from "../../support/amp-daemon.ts";
import { reply, tool } from "../../support/model-script.ts";
import { testedAgent } from "../../support/real-agents.ts";
import { LaterEvents, shareSession } from "../../support/shared-session.ts";

const mcp = join(import.meta.dirname, "../../fixtures/bin/mcp-server.mjs");
/** What a user has configured, as people write it: with a comment and a comma too many. */
const SETTINGS = `{
  // my own
  "amp.mcpServers": {
    "tiny": { "command": ${JSON.stringify(process.execPath)}, "args": [${JSON.stringify(mcp)}] },
  },
  "amp.permissions": [
    { "tool": "shell_command", "action": "reject", "matches": { "command": "*forbidden*" } },
    { "tool": "shell_command", "action": "allow", "matches": { "command": "echo trusted*" } },
    { "tool": "shell_command", "action": "ask", "matches": { "command": "echo doubtful*" } },
  ],
}
`;
let amp: AmpDaemon;

beforeAll(async () => {
  amp = await startAmp({ settings: SETTINGS });
});

afterAll(async () => {
  await using ended = amp;
  expect(await readFile(settingsFile(ended.home), "utf8")).toBe(SETTINGS);
  expect(await folders(ended)).toEqual([]);
});

/** The folders of open sessions, in which their sockets are. */
async function folders({ home }: AmpDaemon): Promise<string[]> {
  const root = home.env["TMPDIR"] ?? "";
  return (await readdir(root))
    .filter((n) => n.startsWith("sandbox-agent-ask-"))
    .map((n) => join(root, n));
}

function results(events: LaterEvents) {
  return events.items().filter(({ kind }) => kind === "tool_result");
}

describe("in the usual mode", () => {
  const shared = shareSession(() => amp);

  describe("a command", () => {
    it("that is allowed always is not asked for again, another one is", async () => {
      const { session, directory } = shared;
      const turn = await session.send("go @@bashtwice@@");
      await session.reply("always");
      await session.until(
        "permission.resolved",
        ({ data }) => data.metadata?.["reason"] === "remembered",
      );
      expect(await readdir(directory)).toEqual(["one.txt"]);
      await session.permission();
      const asked = await session.reply("once");
      expect(asked.metadata).toMatchObject({ command: "touch two.txt" });
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.of("permission.requested")).toHaveLength(3);
      expect((await readdir(directory)).toSorted()).toEqual(["one.txt", "two.txt"]);
    });

    it("waits for its answer longer than Amp's own ten seconds", async () => {
      const { session } = shared;
      const later = new LaterEvents(session);
      const turn = await session.send("go @@bash@@");
      const asked = await session.permission();
      // The slow answer is the stimulus: Amp's own limit is ten seconds of real time.
      await sleep(12_000);
      await session.replyTo(asked, "once");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(later.results()).toMatchObject([{ exit_code: 0 }]);
    }, 120_000);
  });

  describe("the user's own rules", () => {
    it("are kept: what they reject is not asked for, nor what they allow; what they ask is", async () => {
      const { session } = shared;
      const later = new LaterEvents(session);
      const run = (command: string) => reply([tool("shell_command", { command })]);
      amp.model.script("rules", [
        run("echo forbidden"),
        run("echo trusted"),
        run("echo doubtful"),
        reply("All done."),
      ]);
      const turn = await session.send("go @@rules@@");
      expect(await session.reply("once")).toMatchObject({ metadata: { command: "echo doubtful" } });
      await session.turnEnded(turn);
      expect(results(later).map(({ status }) => status)).toEqual([
        "failed",
        "completed",
        "completed",
      ]);
      expect(later.of("permission.requested")).toHaveLength(1);
    });
  });

  describe("a change of files", () => {
    it("is asked for and told with its diff: added, changed, deleted", async () => {
      const { session, directory } = shared;
      const later = new LaterEvents(session);
      const before = await readdir(directory);
      const turn = await session.send("go @@write@@");
      const path = join(directory, "hello.txt");
      for (let n = 0; n < 3; n++) {
        expect(await session.reply("once")).toMatchObject({
          action: "apply_patch",
          metadata: {
            paths: [join(directory, "hello.txt")],
            input: { patchText: expect.stringContaining("*** Begin Patch") },
          },
        });
      }
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(later.parts("file_ref")).toEqual([
        {
          type: "file_ref",
          path,
          action: "write",
          diff: `--- /dev/null\n+++ ${path}\n@@ -0,0 +1,2 @@\n+line one\n+line two\n`,
        },
        {
          type: "file_ref",
          path,
          action: "patch",
          diff: `--- ${path}\n+++ ${path}\n@@ -1,2 +1,2 @@\n line one\n-line two\n+line 2\n`,
        },
        {
          type: "file_ref",
          path,
          action: "write",
          deleted: true,
          diff: `--- ${path}\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-line one\n-line 2\n`,
        },
      ]);
      expect(await readdir(directory)).toEqual(before);
    });

    it("by create_file and edit_file has its diff already where it is asked for", async () => {
      const { session, directory } = shared;
      const later = new LaterEvents(session);
      const path = join(directory, "a.txt");
      amp.model.script("edit", [
        reply([tool("create_file", { path, content: "one\ntwo\n" })]),
        reply([tool("edit_file", { path, old_str: "two", new_str: "2" })]),
        reply([tool("create_file", { path, content: "new\n" })]),
        reply("All done."),
      ]);
      const turn = await session.send("go @@edit@@");
      const asked = [];
      for (let n = 0; n < 3; n++) asked.push(await session.reply("once"));
      await session.turnEnded(turn);
      const diffs = [
        `--- /dev/null\n+++ ${path}\n@@ -0,0 +1,2 @@\n+one\n+two\n`,
        `--- ${path}\n+++ ${path}\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n`,
        `--- ${path}\n+++ ${path}\n@@ -1,2 +1,1 @@\n-one\n-2\n+new\n`,
      ];
      expect(asked.map(({ metadata }) => metadata?.["diff"])).toEqual(diffs);
      expect(later.parts("file_ref").map(({ diff }) => diff)).toEqual(diffs);
      expect(later.parts("file_ref").map(({ action }) => action)).toEqual([
        "write",
        "patch",
        "write",
      ]);
    });
  });

  it("reading is not asked for", async () => {
    const { session, directory } = shared;
    const later = new LaterEvents(session);
    const path = join(directory, "seen.txt");
    await writeFile(path, "seen\n");
    amp.model.script("reads", [reply([tool("Read", { path })]), reply("All done.")]);
    expect(await session.run("go @@reads@@")).toMatchObject({ status: "completed" });
    expect(later.of("permission.requested")).toEqual([]);
    expect(later.results()[0]?.output).toContain("seen");
  });

  describe("a tool of an MCP server", () => {
    it.each([
      ["once", "completed", "echo: ping"],
      ["reject", "failed", "rejected"],
    ] as const)("that is answered %s is %s", async (answer, status, output) => {
      const { session } = shared;
      const later = new LaterEvents(session);
      const turn = await session.send("go @@mcp@@");
      const asked = await session.reply(answer);
      expect(asked).toMatchObject({
        action: "mcp__tiny__echo",
        metadata: { input: { text: "ping" } },
      });
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(later.parts("tool_call")).toMatchObject([
        { mcp: { server: "tiny", tool: "echo" }, arguments: '{"text":"ping"}' },
      ]);
      expect(results(later)[0]?.status).toBe(status);
      expect(later.results()[0]?.output).toContain(output);
    });

    it("that draws gives an image", async () => {
      const { session } = shared;
      const later = new LaterEvents(session);
      amp.model.script("draw", [reply([tool("mcp__tiny__draw", {})]), reply("All done.")]);
      await session.allowAll(await session.send("go @@draw@@"));
      expect(later.results()).toMatchObject([{ output: "one pixel" }]);
      const [image] = later.parts("image");
      expect(image).toMatchObject({ mime: "image/png" });
      expect((await readFile(image?.path ?? "")).subarray(1, 4).toString()).toBe("PNG");
    });
  });

  it("a directory that comes to have settings of its own is not worked in any more", async () => {
    const { session, directory } = shared;
    expect(await session.run("hi @@text@@")).toMatchObject({ status: "completed" });
    const before = await readdir(directory);
    await mkdir(join(directory, ".amp"));
    await writeFile(join(directory, ".amp/settings.json"), '{"amp.dangerouslyAllowAll":true}');
    expect(await session.run("go @@bash@@")).toMatchObject({
      status: "failed",
      error: { code: "process_start" },
    });
    expect((await readdir(directory)).toSorted()).toEqual([".amp", ...before].toSorted());
    await rm(join(directory, ".amp"), { recursive: true });
    expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
  });
});

it("in the mode acceptEdits a change inside the directory is not asked for, a command and a change outside are", () =>
  amp.session(
    async (session, directory) => {
      expect(await session.run("go @@write@@")).toMatchObject({ status: "completed" });
      expect(session.of("permission.requested")).toEqual([]);
      expect(session.parts("file_ref")).toHaveLength(3);
      const commanding = await session.send("go @@bash@@");
      await session.reply("reject");
      await session.turnEnded(commanding);
      expect(await readdir(directory)).toEqual([]);

      const outside = join(amp.home.work, "outside");
      await mkdir(outside);
      await symlink(outside, join(directory, "link"));
      const patch = ["*** Begin Patch", "*** Add File: ../outside/c", "+c", "*** End Patch"];
      amp.model.script("escape", [
        reply([tool("create_file", { path: join(outside, "a"), content: "a" })]),
        reply([tool("create_file", { path: join(directory, "link/b"), content: "b" })]),
        reply([tool("apply_patch", { patchText: patch.join("\n") })]),
        reply([tool("create_file", { path: join(directory, ".git/config"), content: "x" })]),
        reply("All done."),
      ]);
      const turn = await session.send("go @@escape@@");
      for (let n = 0; n < 4; n++) await session.reply("reject");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(await readdir(outside)).toEqual([]);
    },
    { permissionMode: "acceptEdits" },
  ));

it("the mode plan is refused", () =>
  expect(amp.session(async () => {}, { permissionMode: "plan" })).rejects.toThrow(
    "mode not supported: amp plan",
  ));

describe("a directory whose own settings would let Amp run everything", () => {
  it.each([
    '{"amp.permissions":[{"tool":"*","action":"allow"}]}',
    '{"amp.dangerouslyAllowAll":true}',
  ])("(%s) is not worked in but in the mode bypass", async (settings) => {
    const directory = join(amp.home.work, `own-${settings.length}`);
    await mkdir(join(directory, ".amp"), { recursive: true });
    await writeFile(join(directory, ".amp/settings.json"), settings);
    const ignoring = amp.session(async () => {}, { directory });
    await expect(ignoring).rejects.toThrow(/400 .*settings\.json/);
    await amp.session(
      async (session) => {
        expect(await session.run("go @@bash@@")).toMatchObject({
          status: "failed",
          error: { code: "process_start", message: expect.stringContaining("settings.json") },
        });
      },
      { directory, repositorySettings: "use" },
    );
    expect(await readdir(directory)).toEqual([".amp"]);
    await amp.session(
      async (session) => {
        expect(await session.run("go @@bash@@")).toMatchObject({ status: "completed" });
      },
      { directory, permissionMode: "bypass" },
    );
  });
});

it("the socket on which Amp asks belongs to this user, rejects a wrong secret, and goes with the session", () =>
  amp.session(async (session) => {
    const turn = await session.send("go @@bash@@");
    await session.permission();
    const [folder = "", ...others] = await folders(amp);
    expect(others).toEqual([]);
    const mode = async (path: string) => ((await lstat(path)).mode & 0o777).toString(8);
    expect((await lstat(join(folder, "socket"))).isSocket()).toBe(true);
    const files = ["", "socket", "secret", "settings.json"].map((name) => join(folder, name));
    expect(await Promise.all(files.map(mode))).toEqual(["700", "600", "600", "600"]);
    const settings = JSON.parse(await readFile(join(folder, "settings.json"), "utf8"));
    // The program lies beside the installed agents, not in a folder of temporary files.
    const program = String(settings["amp.permissions"].at(-1).to);
    expect(program.startsWith(`${testedAgent("amp").installDir}/`)).toBe(true);
    expect(await Promise.all([program, dirname(program)].map(mode))).toEqual(["700", "700"]);

    const socket = connect(join(folder, "socket"));
    const { promise, resolve } = Promise.withResolvers<string>();
    let heard = "";
    socket.on("data", (chunk) => (heard += chunk.toString())).on("error", () => {});
    socket.on("close", () => resolve(heard));
    socket.write(`wrong\n${JSON.stringify({ tool: "shell_command", input: {} })}\n`);
    expect(await promise).toBe("");
    expect(session.of("permission.requested")).toHaveLength(1);

    await session.interrupt();
    await session.turnEnded(turn);
    await session.terminate();
    await expect(stat(folder)).rejects.toThrow("ENOENT");
    await expect(stat(dirname(program))).rejects.toThrow("ENOENT");
  }));
