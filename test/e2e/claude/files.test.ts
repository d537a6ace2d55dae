import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClaudeDaemon, startClaude } from "../../support/claude-daemon.ts";
import { reply, text, tool } from "../../support/model-script.ts";
import { PIXEL_PNG } from "../../support/pixel.ts";
import { LaterEvents, shareSession } from "../../support/shared-session.ts";

let claude: ClaudeDaemon;

beforeAll(async () => {
  claude = await startClaude();
});

afterAll(() => claude[Symbol.asyncDispose]());

const shared = shareSession(() => claude);
const accepting = shareSession(() => claude, { permissionMode: "acceptEdits" });

const done = reply("All done.");

describe("a change of a file", () => {
  it("is told with its diff: created, edited, overwritten, deleted", async () => {
    const { session, directory } = accepting;
    const later = new LaterEvents(session);
    const file_path = join(directory, "song.txt");
    claude.model.script("song", [
      reply([tool("Write", { file_path, content: "one\ntwo\nthree" })]),
      reply([tool("Edit", { file_path, old_string: "two", new_string: "2" })]),
      reply([tool("Write", { file_path, content: "one\n2\nthree\nfour\n" })]),
      reply([tool("Bash", { command: "rm song.txt", description: "Remove" })]),
      done,
    ]);
    expect(await session.run("go @@song@@")).toMatchObject({ status: "completed" });
    const path = file_path;
    const headers = `--- ${path}\n+++ ${path}\n`;
    const last = "\\ No newline at end of file\n";
    expect(later.parts("file_ref")).toEqual([
      {
        type: "file_ref",
        path,
        action: "write",
        diff: `--- /dev/null\n+++ ${path}\n@@ -0,0 +1,3 @@\n+one\n+two\n+three\n${last}`,
      },
      {
        type: "file_ref",
        path,
        action: "patch",
        diff: `${headers}@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n${last}`,
      },
      {
        type: "file_ref",
        path,
        action: "write",
        diff: `${headers}@@ -1,3 +1,4 @@\n one\n 2\n-three\n${last}+three\n+four\n`,
      },
      { type: "file_ref", path, action: "write", diff: null, deleted: true },
    ]);
    await expect(stat(path)).rejects.toThrow();
  });

  it("that is asked for names the file, and is not told where it is rejected", async () => {
    const { session, directory } = shared;
    const later = new LaterEvents(session);
    const file_path = join(directory, "no.txt");
    claude.model.script("no", [reply([tool("Write", { file_path, content: "x" })]), done]);
    const turn = await session.send("go @@no@@");
    const asked = await session.reply("reject");
    expect(asked.metadata).toMatchObject({ tool: "Write", paths: [file_path] });
    await session.turnEnded(turn);
    expect(later.parts("file_ref")).toEqual([]);
    expect(later.results()).toMatchObject([{ output: "The user rejected this tool call." }]);
  });

  it("of a notebook is told with the diff of the whole file", async () => {
    const { session, directory } = accepting;
    const later = new LaterEvents(session);
    const path = join(directory, "n.ipynb");
    await writeFile(path, notebook);
    claude.model.script("notebook", [
      reply([tool("Read", { file_path: path })]),
      reply([tool("NotebookEdit", { notebook_path: path, cell_id: "c1", new_source: "two()" })]),
      done,
    ]);
    await session.run("go @@notebook@@");
    const [change, ...others] = later.parts("file_ref");
    expect(others).toEqual([]);
    expect(change).toMatchObject({ path, action: "patch" });
    expect(change?.diff).toContain(`--- ${path}\n+++ ${path}\n@@ -1,1 +1,`);
    expect(change?.diff).toContain('+   "source": "two()",');
    expect(await readFile(path, "utf8")).toContain('"source": "two()"');
  });

  it("inside a subagent is told with its place, and with a diff where the file is new", async () => {
    const { session, directory } = accepting;
    const later = new LaterEvents(session);
    const path = join(directory, "below.txt");
    claude.model.script("below", [
      reply([
        tool("Agent", {
          description: "Write",
          prompt: "Write it @@writebelow@@",
          subagent_type: "general-purpose",
          run_in_background: false,
        }),
      ]),
      done,
    ]);
    claude.model.script("writebelow", [
      reply([tool("Write", { file_path: path, content: "a\n" })]),
      reply([tool("Edit", { file_path: path, old_string: "a", new_string: "b" })]),
      reply([text("Written.")]),
    ]);
    await session.run("go @@below@@");
    expect(later.parts("file_ref")).toEqual([
      {
        type: "file_ref",
        path,
        action: "write",
        diff: `--- /dev/null\n+++ ${path}\n@@ -0,0 +1,1 @@\n+a\n`,
      },
      { type: "file_ref", path, action: "patch", diff: null },
    ]);
    const items = later.items();
    const [item] = items.filter(({ content }) => content.some(({ type }) => type === "file_ref"));
    expect(item).toMatchObject({ kind: "tool_result", subagent: { name: "general-purpose" } });
  });
});

describe("an attachment", () => {
  it.each([
    ["as a path", async (path: string) => ({ path })],
    ["as data", async () => ({ data: PIXEL_PNG, mime: "image/png", filename: "dot.png" })],
  ])("that is an image, given %s, is shown to the model itself", async (_, attach) => {
    const { session, directory } = shared;
    const later = new LaterEvents(session);
    const path = join(directory, "dot.png");
    await writeFile(path, Buffer.from(PIXEL_PNG, "base64"));
    await session.turnEnded(await session.send("look @@text@@", [await attach(path)]));
    const { body } = claude.model.requests.at(-1) ?? {};
    expect(JSON.stringify(body?.messages.at(-1))).toContain(`"data":"${PIXEL_PNG}"`);
    const [image, ...others] = later.parts("image");
    expect(others).toEqual([]);
    expect(await readFile(image?.path ?? "", "base64")).toBe(PIXEL_PNG);
  });

  it("that is another file is named in the text, data being written to a file first", async () => {
    const { session, directory } = shared;
    const later = new LaterEvents(session);
    const path = join(directory, "notes.txt");
    await writeFile(path, "notes");
    const data = Buffer.from("more notes").toString("base64");
    const inline = { data, mime: "text/plain", filename: "more.txt" };
    await session.turnEnded(await session.send("read @@text@@", [{ path }, inline]));
    const [said] = later.parts("text");
    const [, first, second = ""] = /Attachments:\n- (.+)\n- (.+)/.exec(said?.text ?? "") ?? [];
    expect(first).toBe(path);
    expect(await readFile(second, "utf8")).toBe("more notes");
    const { body } = claude.model.requests.at(-1) ?? {};
    expect(JSON.stringify(body?.messages)).toContain(JSON.stringify(said?.text).slice(1, -1));
  });
});

const notebook = JSON.stringify({
  cells: [
    {
      id: "c1",
      cell_type: "code",
      source: ["one()"],
      metadata: {},
      outputs: [],
      execution_count: null,
    },
  ],
  metadata: { language_info: { name: "python" } },
  nbformat: 4,
  nbformat_minor: 5,
});
