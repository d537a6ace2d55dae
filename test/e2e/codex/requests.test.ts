import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONFIG, type CodexDaemon, startCodex } from "../../support/codex-daemon.ts";
import { reply, tool } from "../../support/model-script.ts";

const server = join(import.meta.dirname, "../../fixtures/bin/mcp-server.mjs");
const MCP = `[mcp_servers.tiny]
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(server)}]
`;
let codex: CodexDaemon;

beforeAll(async () => {
  codex = await startCodex({ config: `${CONFIG}${MCP}` });
});

afterAll(() => codex[Symbol.asyncDispose]());

describe("a command", () => {
  it("that is allowed always is not asked for again, another one is", () =>
    codex.session(async (session, directory) => {
      const turn = await session.send("go @@bashtwice@@");
      await session.reply("always");
      const other = await session.until("permission.requested", ({ data }) => {
        return String(data.metadata?.["command"]).includes("two.txt");
      });
      await session.replyTo(other.data, "once");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      const reasons = session
        .of("permission.resolved")
        .map(({ data }) => data.metadata?.["reason"]);
      expect(reasons).toEqual([undefined, "remembered", undefined]);
      expect((await readdir(directory)).toSorted()).toEqual(["one.txt", "two.txt"]);
      // Nothing of it is kept beyond the session.
      await expect(stat(join(codex.home.dir, ".codex/rules/default.rules"))).rejects.toThrow();
    }));

  it("that only reads is not asked for", () =>
    codex.session(async (session, directory) => {
      codex.model.script("reads", [
        reply([tool("exec_command", { cmd: "ls", yield_time_ms: 20_000 })]),
        reply("All done."),
      ]);
      await writeFile(join(directory, "seen.txt"), "");
      expect(await session.run("go @@reads@@")).toMatchObject({ status: "completed" });
      expect(session.of("permission.requested")).toEqual([]);
      expect(session.results()).toMatchObject([{ exit_code: 0, output: "seen.txt\n" }]);
    }));
});

describe("a command that Codex takes for reading", () => {
  const commands = [
    "awk 'BEGIN{system(\"touch made-1\")}' seen.txt",
    "cat seen.txt | xargs touch made-2",
    "cat seen.txt | tee made-3",
    "ls -la | sort -o made-4",
    "ls -la | uniq - made-5",
    "cat seen.txt | sed -n '1w made-6'",
    "find . -maxdepth 0 -fprint made-7",
    "find . -name seen.txt -delete",
    "git grep --no-index --open-files-in-pager='touch made-8 #' foo",
  ];

  it("and that does more is asked for", () =>
    codex.session(async (session, directory) => {
      const calls = commands.map((cmd) => tool("exec_command", { cmd, yield_time_ms: 20_000 }));
      codex.model.script("seems", [...calls.map((call) => reply([call])), reply("All done.")]);
      await writeFile(join(directory, "seen.txt"), "foo\n");
      const turn = await session.send("go @@seems@@");
      for (const _ of commands) await session.reply("reject");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.of("permission.requested")).toHaveLength(commands.length);
      expect(await readdir(directory)).toEqual(["seen.txt"]);
    }));
});

describe("a change of files", () => {
  it("is asked for with its diff and told with it: added, changed, deleted", () =>
    codex.session(async (session, directory) => {
      const turn = await session.send("go @@write@@");
      const path = join(directory, "hello.txt");
      for (let n = 0; n < 3; n++) {
        const asked = await session.reply("once");
        expect(asked).toMatchObject({ action: "fileChange", metadata: { paths: [path] } });
      }
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.parts("file_ref")).toMatchObject([
        {
          path,
          action: "write",
          diff: `--- /dev/null\n+++ ${path}\n@@ -0,0 +1,2 @@\n+line one\n+line two\n`,
        },
        { path, action: "patch", diff: expect.stringContaining("-line two\n+line 2") },
        { path, action: "write", deleted: true, diff: expect.stringContaining("+++ /dev/null") },
      ]);
      expect(await readdir(directory)).toEqual([]);
    }));
});

describe("a plan", () => {
  const plan = { permissionMode: "plan" };

  it("that is answered with other words is planned anew", () =>
    codex.session(async (session) => {
      const turn = await session.send("go @@planmode@@");
      await session.answer([["Do C as well @@text@@"]]);
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      const last = JSON.stringify(codex.model.requests.at(-1)?.body);
      expect(last).toContain("Do C as well");
    }, plan));
});
