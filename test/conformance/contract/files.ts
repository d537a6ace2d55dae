import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { LiveSession } from "../../support/live-session.ts";
import type { Scenario, Stage } from "./scenario.ts";

async function writeAll(stage: Stage, session: LiveSession): Promise<void> {
  const turn = await session.send(stage.message("write"));
  expect(await session.allowAll(turn)).toMatchObject({ status: "completed" });
}

/** What becomes of files. */
export const files: Scenario[] = [
  {
    id: "file.write",
    title: "a file that is made is told with its diff",
    proves: ["fileChanges"],
    play: (stage) =>
      stage.sharedSession("write", async (session, directory) => {
        await writeAll(stage, session);
        const path = join(directory, "hello.txt");
        expect(session.parts("file_ref")[0]).toMatchObject({
          path,
          action: "write",
          diff: `--- /dev/null\n+++ ${path}\n@@ -0,0 +1,2 @@\n+line one\n+line two\n`,
        });
      }),
  },
  {
    id: "file.edit",
    title: "a file that is changed is told with its diff",
    play: (stage) =>
      stage.sharedSession("write", async (session, directory) => {
        await writeAll(stage, session);
        const path = join(directory, "hello.txt");
        const { diff } = session.parts("file_ref").find(({ action }) => action === "patch") ?? {};
        expect(diff).toContain(`--- ${path}\n+++ ${path}\n@@`);
        expect(diff).toContain("-line two\n+line 2\n");
      }),
  },
  {
    id: "file.asked",
    title: "a change of a file is asked for by its path, and rejected it is not made",
    play: (stage) =>
      stage.sharedSession("writeone", async (session, directory) => {
        const turn = await session.send(stage.message("writeone"));
        const asked = await session.reply("reject");
        expect(asked).toMatchObject({
          action: stage.subject.actions.edit,
          metadata: { paths: [join(directory, "hello.txt")] },
        });
        await session.turnEnded(turn);
        expect(await readdir(directory)).toEqual([]);
        expect(session.parts("file_ref")).toEqual([]);
      }),
  },
  {
    id: "file.acceptEdits",
    title: "in the mode acceptEdits files are changed unasked, and commands only asked",
    play: (stage) =>
      stage.session(
        "writeone",
        async (session, directory) => {
          expect(await session.run(stage.message("writeone"))).toMatchObject({
            status: "completed",
          });
          expect(session.of("permission.requested")).toEqual([]);
          expect(await readFile(join(directory, "hello.txt"), "utf8")).toContain("line one");
          const turn = await session.send(stage.message("bashfail"));
          await session.reply("reject");
          await session.turnEnded(turn);
          expect(await readdir(directory)).toEqual(["hello.txt"]);
        },
        { permissionMode: "acceptEdits" },
      ),
  },
  {
    id: "file.plan",
    title: "in the mode plan no file is changed",
    play: (stage) =>
      stage.sharedSession(
        "writeone",
        async (session, directory) => {
          const turn = await session.send(stage.message("writeone"));
          // An agent may ask all the same, or take the tool away from its model.
          const asked = await session.permissionIn(turn);
          if (asked) await session.replyTo(asked, "reject");
          await session.turnEnded(turn);
          expect(await readdir(directory)).toEqual([]);
        },
        { permissionMode: "plan" },
      ),
  },
];
