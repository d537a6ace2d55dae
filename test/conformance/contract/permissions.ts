import { mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { LiveSession } from "../../support/live-session.ts";
import { reply } from "../../support/model-script.ts";
import { type Calls, commandSteps, type Step, toolSteps } from "./pairs.ts";
import type { Scenario, Stage } from "./scenario.ts";

/** The extent of a reply to a permission. */
export const permissions: Scenario[] = [
  {
    id: "permission.pairs",
    title: "an `always` covers an equal request, and each of 40 others is requested again",
    limitMs: 300_000,
    play: async (stage) => {
      const calls = callsOf(stage);
      const commands = commandSteps(calls);
      const played = await Promise.all([
        playSteps(stage, () => commands),
        playSteps(stage, (directory) => toolSteps(calls, directory)),
      ]);
      const again = played.flat().filter(({ expected }) => expected === "again");
      expect(again.length).toBeGreaterThanOrEqual(40);
    },
  },
  {
    id: "permission.parallel",
    title: "an `always` for one of two equal requests at once answers the other",
    play: (stage) =>
      stage.session("bash", async (session, directory) => {
        const call = stage.subject.command("echo x >> twice.txt");
        const turn = await session.send(stage.script([reply([call, call]), reply("Done.")]));
        await session.reply("always");
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        expect(session.of("permission.resolved").map(({ data }) => data)).toMatchObject([
          { status: "accept_for_session" },
          { status: "accept_for_session", metadata: { reason: "remembered" } },
        ]);
        expect(session.results()).toMatchObject([{ exit_code: 0 }, { exit_code: 0 }]);
        expect(await readdir(directory)).toEqual(["twice.txt"]);
      }),
  },
  {
    id: "permission.acceptEdits",
    title: "in the mode acceptEdits a file outside, behind a link, or that runs later is requested",
    play: (stage) => {
      const { write } = callsOf(stage);
      const asked = ["../outside.txt", "linked/file.txt", ".git/hooks/pre-commit", ".npmrc"];
      const more = [".claude/settings.json", ".vscode/tasks.json", "sub/.mcp.json"];
      const body = { permissionMode: "acceptEdits" } as const;
      return playSteps(
        stage,
        (directory) => [
          ...[...asked, ...more].map((path): Step => {
            return { call: write(join(directory, path), "one\n"), expected: "again" };
          }),
          { call: write(join(directory, "sub/file.txt"), "one\n"), expected: "free" },
        ],
        async (session, directory) => {
          expect(await readdir(join(directory, "sub"))).toEqual(["file.txt"]);
          const resolved = session.of("permission.resolved").map(({ data }) => data.status);
          expect(new Set(resolved)).toEqual(new Set(["reject"]));
        },
        body,
      ).then(() => undefined);
    },
  },
];

function callsOf({ subject }: Stage): Calls {
  return subject.calls ?? expect.fail("the agent has no calls");
}

/** Makes the model call one tool after another, and compares each permission with its step. */
async function playSteps(
  stage: Stage,
  stepsIn: (directory: string) => Step[],
  check: (session: LiveSession, directory: string) => Promise<void> = async () => undefined,
  body: { permissionMode?: "acceptEdits" } = {},
): Promise<Step[]> {
  let steps: Step[] = [];
  await stage.session(
    "bash",
    async (session, directory) => {
      await mkdir(join(directory, "sub"));
      await symlink(stage.rig.home.dir, join(directory, "linked"));
      steps = stepsIn(directory);
      const script = [...steps.map(({ call }) => reply([call])), reply("Done.")];
      const turn = await session.send(stage.script(script));
      expect(await answers(session, turn, steps)).toEqual(steps.map(label));
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      // No rejected call has run.
      const files = await readdir(directory, { recursive: true });
      expect(files.filter((file) => /again|\.bak/.test(file))).toEqual([]);
      await check(session, directory);
    },
    body,
  );
  return steps;
}

/** Answers the permissions of a turn, and gives for each step the kind of answer that it had. */
async function answers(
  session: LiveSession,
  turn: string,
  steps: readonly Step[],
): Promise<string[]> {
  const given = new Map<Step, Step["expected"]>();
  for (;;) {
    const asked = await session.permissionIn(turn);
    if (!asked) break;
    const { sequence } =
      session.of("permission.requested").find(({ data }) => data === asked) ?? expect.fail();
    const calls = session
      .of("item.started")
      .filter((event) => event.sequence < sequence && event.data.item.kind === "tool_call");
    const step = steps[calls.length - 1] ?? expect.fail();
    if (step.expected === "remembered") {
      const { data } = await session.until(
        "permission.resolved",
        (event) => event.data.permission_id === asked.permission_id,
      );
      if (data.metadata?.["reason"] === "remembered") given.set(step, "remembered");
    } else {
      const replies = { always: "always", again: "reject", free: "once" } as const;
      // The reply fails if the session answered the request from memory; the comparison shows it.
      const isOpen = await session.replyTo(asked, replies[step.expected]).then(
        () => true,
        () => false,
      );
      if (isOpen) given.set(step, step.expected);
    }
  }
  return steps.map((step) => {
    return label({
      ...step,
      expected: step.expected === "free" ? "free" : (given.get(step) ?? "unasked"),
    });
  });
}

function label({ call, expected }: { call: Step["call"]; expected: string }): string {
  return `${expected}: ${JSON.stringify("input" in call ? call.input : call)}`;
}
