import { mkdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { gitApply } from "../../support/git-apply.ts";
import type { LiveSession } from "../../support/live-session.ts";
import { reply } from "../../support/model-script.ts";
import { PIXEL_PNG } from "../../support/pixel.ts";
import type { Calls } from "./pairs.ts";
import type { Scenario, Stage } from "./scenario.ts";

const LINES = Array.from({ length: 12 }, (_, n) => `line ${n}\n`).join("");
const pixel = Buffer.from(PIXEL_PNG, "base64");

/** Files by how their text is written down. */
const TEXTS: Record<string, Buffer> = {
  "lf.txt": Buffer.from(LINES),
  "crlf.txt": Buffer.from(LINES.replaceAll("\n", "\r\n")),
  "mixed.txt": Buffer.from(LINES.replaceAll(/[05]\n/g, "$&\r\n")),
  "unended.txt": Buffer.from("line 4\nline 5"),
  "bom.txt": Buffer.from(`\ufeff${LINES}`),
  "utf16.txt": Buffer.from(`\ufeff${LINES}`, "utf16le"),
  "latin1.txt": Buffer.from(`caf\u00e9\n${LINES}`, "latin1"),
};

/** The reasons that agents give their models. */
const WHY = /not valid UTF-8|binary file|appears to be binary|valid UTF-8|invalid|Could not find/i;

const NAMES = [
  "with spaces .txt",
  `it's "quoted".txt`,
  "tab\tand\nnewline.txt",
  "50%2Foff%20.txt",
  "\u65e5\u672c \u00e9.txt",
  "#hash?query&.txt",
  "-dash.txt",
];

/** Files as they are in real directories. */
export const realFiles: Scenario[] = [
  {
    id: "files.texts",
    title:
      "a file in any encoding is changed with a diff that git applies, or the model is told why not",
    play: (stage) =>
      stage.sharedSession("bash", async (session, directory) => {
        await changeAll(stage, session, directory, TEXTS);
      }),
  },
  {
    id: "files.names",
    title:
      "a file with any name is changed with a diff that git applies, or the model is told why not",
    play: (stage) =>
      stage.sharedSession("bash", async (session, directory) => {
        const files = NAMES.map((name) => [name, Buffer.from(LINES)] as const);
        await changeAll(stage, session, directory, Object.fromEntries(files));
      }),
  },
  {
    id: "files.overwritten",
    title: "a file that is overwritten has a diff that git applies, or none",
    play: (stage) =>
      stage.sharedSession("bash", async (session, directory) => {
        const { read, write } = callsOf(stage);
        const { id } = stage.subject;
        await play(stage, session, directory, TEXTS, (path) => [
          // Claude overwrites no file that it has not read.
          ...(id === "claude" ? read(path) : []),
          write(path, "line 5\nnew\n"),
        ]);
      }),
  },
  {
    id: "files.links",
    title: "a file behind a link inside the directory is changed, and the link stays",
    play: (stage) =>
      stage.sharedSession("bash", async (session, directory) => {
        await mkdir(join(directory, "folder"));
        await symlink("folder", join(directory, "linked"));
        const files = { "linked/behind.txt": Buffer.from(LINES) };
        await changeAll(stage, session, directory, files);
        expect(await realpath(join(directory, "linked"))).toBe(join(directory, "folder"));
        expect(await readFile(join(directory, "folder/behind.txt"), "utf8")).toContain("LINE 5");
      }),
  },
  {
    id: "files.linkedDirectory",
    title: "in the mode acceptEdits a session whose directory is a link changes its files unasked",
    play: async (stage) => {
      const real = await stage.rig.directory("behind-link");
      const link = join(stage.rig.home.work, "link");
      await symlink(real, link);
      const body = { directory: link, permissionMode: "acceptEdits" } as const;
      await stage.session(
        "writeone",
        async (session) => {
          // The model uses the path of the directory that the agent tells it.
          expect(await session.run(stage.message("writeone"))).toMatchObject({
            status: "completed",
          });
          expect(session.of("permission.requested")).toEqual([]);
          expect(await readFile(join(real, "hello.txt"), "utf8")).toContain("line one");
        },
        body,
      );
    },
  },
  {
    id: "files.recreated",
    title: "a turn in a directory that was removed ends, and the next works when it is there again",
    play: (stage) =>
      stage.session("bash", async (session, directory) => {
        const touch = (name: string) => {
          const command = stage.subject.command(`pwd && touch ${name}`);
          return stage.script([reply([command]), reply("Done.")]);
        };
        const run = async (name: string) => session.allowAll(await session.send(touch(name)));
        await rm(directory, { recursive: true });
        const gone = [await run("one.txt"), ...session.results()];
        expect(JSON.stringify(gone)).toContain(directory);
        await mkdir(directory);
        expect(await run("two.txt")).toMatchObject({ status: "completed" });
        expect(session.results().at(-1)).toMatchObject({ exit_code: 0 });
        await rm(directory, { recursive: true });
        await mkdir(directory);
        expect(await run("three.txt")).toMatchObject({ status: "completed" });
        expect(session.results().at(-1)).toMatchObject({ exit_code: 0 });
        expect(await readFile(join(directory, "three.txt"), "utf8")).toBe("");
      }),
  },
  {
    id: "files.images",
    title: "an image that is empty, broken or named as another type disturbs no later turn",
    play: (stage) =>
      stage.sharedSession("bash", async (session, directory) => {
        const images: Record<string, Buffer> = {
          "text.png": Buffer.from("not an image\n"),
          "pixel.txt": pixel,
          "pixel.jpg": pixel,
          "empty.png": Buffer.alloc(0),
          "broken.png": pixel.subarray(0, 40),
        };
        const paths = await writeAll(directory, images);
        const attachments = paths.map((path) => ({ path }));
        const look = stage.script([reply("Seen.")]);
        const attached = await session.turnEnded(await session.send(look, attachments));
        // A broken image may be refused, and only its own message.
        if (attached?.status !== "completed") {
          expect(JSON.stringify(session.of("error"))).toMatch(/image/i);
          const { data } = session.of("turn.ended").at(-1) ?? expect.fail();
          expect(data.metadata).toMatchObject({ status: "failed" });
        }
        const { read } = callsOf(stage);
        const reads = paths.flatMap((path) => read(path));
        const turn = await session.send(stage.script([reply(reads), reply("Read.")]));
        expect(await session.allowAll(turn)).toMatchObject({ status: "completed" });
        expect(await session.run(stage.script([reply("Later.")]))).toMatchObject({
          status: "completed",
        });
        expect(session.said().at(-1)).toBe("Later.");
      }),
  },
];

function callsOf({ subject }: Stage): Calls {
  return subject.calls ?? expect.fail("the agent has no calls");
}

async function writeAll(directory: string, files: Record<string, Buffer>): Promise<string[]> {
  const paths = Object.keys(files).map((name) => join(directory, name));
  for (const [name, content] of Object.entries(files))
    await writeFile(join(directory, name), content);
  return paths;
}

async function changeAll(
  stage: Stage,
  session: LiveSession,
  directory: string,
  files: Record<string, Buffer>,
): Promise<void> {
  const { change } = callsOf(stage);
  await play(stage, session, directory, files, (path) => change(path, "line 5", "LINE 5"));
}

/** Changes all files in one turn, and checks every change and every diff. */
async function play(
  stage: Stage,
  session: LiveSession,
  directory: string,
  files: Record<string, Buffer>,
  callsFor: (path: string) => ReturnType<Calls["change"]>,
): Promise<void> {
  const paths = await writeAll(directory, files);
  // The first call for each file, then the second: an answer of the model takes time.
  const calls = paths.map(callsFor);
  const most = Math.max(...calls.map(({ length }) => length));
  const steps = Array.from({ length: most }, (_, n) =>
    reply(calls.flatMap((list) => list[n] ?? [])),
  );
  const turn = await session.send(stage.script([...steps, reply("Done.")]));
  expect(await session.allowAll(turn)).toMatchObject({ status: "completed" });
  const { nativeSessionId } = await session.info();
  const answers = JSON.stringify(stage.rig.model.requestsOf(nativeSessionId ?? ""));
  const told = session.parts("file_ref");
  const asked = session.of("permission.requested").map(({ data }) => data.metadata ?? {});
  for (const [name, before] of Object.entries(files)) {
    const path = join(directory, name);
    const real = await realpath(path);
    const after = await readFile(path);
    const isIt = (one: string) => one === path || one === real;
    const ref = told.find((one) => isIt(one.path));
    if (after.equals(before)) {
      expect(ref, path).toBeUndefined();
      expect(answers, path).toMatch(WHY);
      continue;
    }
    const request = asked.find(({ paths: named }) => Array.isArray(named) && named.some(isIt));
    for (const diff of [ref?.diff, request?.["diff"]]) {
      if (typeof diff !== "string") continue;
      const both = { [path]: before, [real]: before };
      const applied = gitApply(diff, both, [ref?.path ?? path]);
      expect(applied[ref?.path ?? path]?.toString("latin1"), diff).toBe(after.toString("latin1"));
    }
    // The agent's diff of a plain text always applies.
    const isPlain = !Object.hasOwn(TEXTS, name) || name === "lf.txt";
    if (isPlain && ref?.action === "patch") expect(ref.diff, path).not.toBeNull();
  }
}
