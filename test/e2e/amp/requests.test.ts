import { lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { settingsFile, type AmpDaemon, startAmp } from "../../support/amp-daemon.ts";
import type { LiveSession } from "../../support/live-session.ts";
import { reply, tool } from "../../support/model-script.ts";

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

function results(session: LiveSession) {
  return session
    .of("item.completed")
    .map(({ data }) => data.item)
    .filter(({ kind }) => kind === "tool_result");
}

describe("a command", () => {
  it("that is allowed always is not asked for again, another one is", () =>
    amp.session(async (session, directory) => {
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
    }));

  it(
    "waits for its answer longer than Amp's own ten seconds",
    () =>
      amp.session(async (session) => {
        const turn = await session.send("go @@bash@@");
        const asked = await session.permission();
        // The slow answer is the stimulus: Amp's own limit is ten seconds of real time.
        await sleep(12_000);
        await session.replyTo(asked, "once");
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        expect(session.results()).toMatchObject([{ exit_code: 0 }]);
      }),
    120_000,
  );
});

describe("the user's own rules", () => {
  it("are kept: what they reject is not asked for, nor what they allow; what they ask is", () =>
    amp.session(async (session) => {
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
      expect(results(session).map(({ status }) => status)).toEqual([
        "failed",
        "completed",
        "completed",
      ]);
      expect(session.of("permission.requested")).toHaveLength(1);
    }));
});

describe("a change of files", () => {
  it("is asked for and told with its diff: added, changed, deleted", () =>
    amp.session(async (session, directory) => {
      const turn = await session.send("go @@write@@");
      const path = join(directory, "hello.txt");
      for (let n = 0; n < 3; n++) {
        expect(await session.reply("once")).toMatchObject({
          action: "apply_patch",
          metadata: {
            paths: [join(directory, "hello.txt")],
            diff: expect.stringContaining("*** Begin Patch"),
          },
        });
      }
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.parts("file_ref")).toEqual([
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
      expect(await readdir(directory)).toEqual([]);
    }));

  it("by create_file and edit_file has its diff already where it is asked for", () =>
    amp.session(async (session, directory) => {
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
      expect(session.parts("file_ref").map(({ diff }) => diff)).toEqual(diffs);
      expect(session.parts("file_ref").map(({ action }) => action)).toEqual([
        "write",
        "patch",
        "write",
      ]);
    }));

  it("is not asked for in the mode acceptEdits inside the directory, a command is", () =>
    amp.session(
      async (session, directory) => {
        expect(await session.run("go @@write@@")).toMatchObject({ status: "completed" });
        expect(session.of("permission.requested")).toEqual([]);
        expect(session.parts("file_ref")).toHaveLength(3);
        const turn = await session.send("go @@bash@@");
        await session.reply("reject");
        await session.turnEnded(turn);
        expect(await readdir(directory)).toEqual([]);
      },
      { permissionMode: "acceptEdits" },
    ));

  it("that leads out of the directory is asked for in the mode acceptEdits, too", () =>
    amp.session(
      async (session, directory) => {
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
});

it("reading is not asked for", () =>
  amp.session(async (session, directory) => {
    const path = join(directory, "seen.txt");
    await writeFile(path, "seen\n");
    amp.model.script("reads", [reply([tool("Read", { path })]), reply("All done.")]);
    expect(await session.run("go @@reads@@")).toMatchObject({ status: "completed" });
    expect(session.of("permission.requested")).toEqual([]);
    expect(session.results()[0]?.output).toContain("seen");
  }));

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

it("a directory that comes to have such settings is not worked in any more", () =>
  amp.session(async (session, directory) => {
    expect(await session.run("hi @@text@@")).toMatchObject({ status: "completed" });
    await mkdir(join(directory, ".amp"));
    await writeFile(join(directory, ".amp/settings.json"), '{"amp.dangerouslyAllowAll":true}');
    expect(await session.run("go @@bash@@")).toMatchObject({
      status: "failed",
      error: { code: "process_start" },
    });
    expect(await readdir(directory)).toEqual([".amp"]);
    await rm(join(directory, ".amp"), { recursive: true });
    expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
  }));

describe("a tool of an MCP server", () => {
  it.each([
    ["once", "completed", "echo: ping"],
    ["reject", "failed", "rejected"],
  ] as const)("that is answered %s is %s", (answer, status, output) =>
    amp.session(async (session) => {
      const turn = await session.send("go @@mcp@@");
      const asked = await session.reply(answer);
      expect(asked).toMatchObject({
        action: "mcp__tiny__echo",
        metadata: { input: { text: "ping" } },
      });
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.parts("tool_call")).toMatchObject([
        { mcp: { server: "tiny", tool: "echo" }, arguments: '{"text":"ping"}' },
      ]);
      expect(results(session)[0]?.status).toBe(status);
      expect(session.results()[0]?.output).toContain(output);
    }),
  );

  it("that draws gives an image", () =>
    amp.session(
      async (session) => {
        amp.model.script("draw", [reply([tool("mcp__tiny__draw", {})]), reply("All done.")]);
        await session.run("go @@draw@@");
        expect(session.results()).toMatchObject([{ output: "one pixel" }]);
        const [image] = session.parts("image");
        expect(image).toMatchObject({ mime: "image/png" });
        expect((await readFile(image?.path ?? "")).subarray(1, 4).toString()).toBe("PNG");
      },
      { permissionMode: "bypass" },
    ));
});

describe("the socket on which Amp asks", () => {
  it("is this user's alone, and goes with the session", async () => {
    await amp.session(async (session) => {
      const turn = await session.send("go @@bash@@");
      await session.permission();
      const [folder = "", ...others] = await folders(amp);
      expect(others).toEqual([]);
      const mode = async (name: string) =>
        ((await lstat(join(folder, name))).mode & 0o777).toString(8);
      expect((await lstat(join(folder, "socket"))).isSocket()).toBe(true);
      expect(
        await Promise.all(["", "socket", "secret", "delegate", "settings.json"].map(mode)),
      ).toEqual(["700", "600", "600", "700", "600"]);
      await session.interrupt();
      await session.turnEnded(turn);
      await session.terminate();
      await expect(stat(folder)).rejects.toThrow("ENOENT");
    });
  });

  it("does not hear who does not know the secret", () =>
    amp.session(async (session) => {
      await session.send("go @@bash@@");
      await session.permission();
      const [folder = ""] = await folders(amp);
      const socket = connect(join(folder, "socket"));
      const { promise, resolve } = Promise.withResolvers<string>();
      let heard = "";
      socket.on("data", (chunk) => (heard += chunk.toString())).on("error", () => {});
      socket.on("close", () => resolve(heard));
      socket.write(`wrong\n${JSON.stringify({ tool: "shell_command", input: {} })}\n`);
      expect(await promise).toBe("");
      expect(session.of("permission.requested")).toHaveLength(1);
      await session.interrupt();
    }));
});
