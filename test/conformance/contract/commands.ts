import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { hold, reply, text } from "../../support/model-script.ts";
import { HELLO } from "./expect-usable.ts";
import type { Scenario } from "./scenario.ts";

/** What the agent runs, and who is asked before it does. */
export const commands: Scenario[] = [
  {
    id: "command.once",
    title: "a command that is allowed once runs, and is told with its output",
    proves: ["permissions", "toolCalls", "toolResults", "commandExecution"],
    play: (stage) =>
      stage.sharedSession("bash", async (session, directory) => {
        const turn = await session.send(stage.message("bash"));
        const asked = await session.permission();
        expect(asked).toMatchObject({
          action: stage.subject.actions.command,
          metadata: { command: expect.stringContaining("echo hi-from-bash && touch made.txt") },
        });
        expect(await session.info()).toMatchObject({ pendingPermissions: [asked] });
        const call = session.of("item.started").find(({ data }) => data.item.kind === "tool_call");
        expect(asked.metadata?.["item_id"]).toBe(call?.data.item.item_id);
        expect(await readdir(directory)).toEqual([]);
        await session.replyTo(asked, "once");
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        expect(session.of("permission.resolved")).toMatchObject([{ data: { status: "accept" } }]);
        expect(session.results()).toMatchObject([
          { exit_code: 0, output: expect.stringMatching(/^hi-from-bash\n?$/) },
        ]);
        expect(await readdir(directory)).toEqual(["made.txt"]);
        expect(await session.info()).toMatchObject({ pendingPermissions: [] });
      }),
  },
  {
    id: "command.always",
    title: "a command that is allowed always is not asked for again, another one is",
    play: (stage) =>
      stage.session("bashtwice", async (session, directory) => {
        const turn = await session.send(stage.message("bashtwice"));
        const first = await session.reply("always");
        expect(first.metadata?.["command"]).toContain("one.txt");
        const other = await session.until("permission.requested", ({ data }) =>
          String(data.metadata?.["command"]).includes("two.txt"),
        );
        await session.replyTo(other.data, "reject");
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        expect(await readdir(directory)).toEqual(["one.txt"]);
        // Where the agent asks again, that is shown, and answered from memory.
        const told = session.of("permission.resolved").map(({ data }) => data.status);
        expect(told[0]).toBe("accept_for_session");
        expect(told.at(-1)).toBe("reject");
        expect(new Set(told.slice(0, -1))).toEqual(new Set(["accept_for_session"]));
      }),
  },
  {
    id: "command.always.session",
    title: "what is allowed always is so in that session only",
    play: async (stage) => {
      await stage.session("bash", async (session) => {
        const turn = await session.send(stage.message("bash"));
        await session.reply("always");
        await session.turnEnded(turn);
      });
      await stage.sharedSession("bash", async (session, directory) => {
        const turn = await session.send(stage.message("bash"));
        await session.reply("reject");
        await session.turnEnded(turn);
        expect(await readdir(directory)).toEqual([]);
      });
    },
  },
  {
    id: "command.reject",
    title: "a command that is rejected does not run; the model is told, and the turn goes on",
    play: (stage) =>
      stage.sharedSession("bash", async (session, directory) => {
        const turn = await session.send(stage.message("bash"));
        await session.reply("reject");
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        expect(session.of("permission.resolved")).toMatchObject([{ data: { status: "reject" } }]);
        expect(await readdir(directory)).toEqual([]);
        expect(session.said().at(-1)).toBe("All done.");
        const items = session.of("item.completed").map(({ data }) => data.item);
        expect(items.find(({ kind }) => kind === "tool_result")?.status).toBe("failed");
      }),
  },
  {
    id: "command.parallel",
    title: "of two commands at once each is asked for by itself",
    play: (stage) =>
      stage.sharedSession("parallel", async (session, directory) => {
        const turn = await session.send(stage.message("parallel"));
        for (let n = 0; n < 2; n++) {
          const asked = await session.permission();
          const first = String(asked.metadata?.["command"]).includes("a1");
          await session.replyTo(asked, first ? "once" : "reject");
        }
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        expect(await readdir(directory)).toEqual(["a1"]);
        expect(session.results()).toHaveLength(2);
      }),
  },
  {
    id: "command.fails",
    title: "a command that fails is a failed result with its exit code and its output",
    play: (stage) =>
      stage.sharedSession("bashfail", async (session) => {
        const turn = await session.send(stage.message("bashfail"));
        await session.reply("once");
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        const items = session.of("item.completed").map(({ data }) => data.item);
        expect(items.find(({ kind }) => kind === "tool_result")).toMatchObject({
          status: "failed",
          content: [{ exit_code: 3, output: expect.stringContaining("to-stderr") }],
        });
      }),
  },
  {
    id: "command.streams",
    title: "the output of a command is told while it runs, and all of it when it is over",
    play: (stage) =>
      stage.sharedSession("bashticks", async (session) => {
        const turn = await session.send(stage.message("bashticks"));
        await session.reply("once");
        await session.turnEnded(turn);
        expect(session.results()[0]?.output).toContain("tick 1\ntick 2\ntick 3\ntick 4");
        const [result] = session
          .of("item.completed")
          .flatMap(({ data: { item } }) => (item.kind === "tool_result" ? [item.item_id] : []));
        const deltas = session.of("item.delta").filter(({ data }) => data.item_id === result);
        expect(deltas.length).toBeGreaterThan(1);
        expect(deltas.map(({ data }) => data.delta).join("")).toContain("tick 3");
      }),
  },
  {
    id: "command.bypass",
    title: "in the mode bypass nothing is asked for",
    play: (stage) =>
      stage.session(
        "bash",
        async (session, directory) => {
          expect(await session.run(stage.message("bash"))).toMatchObject({ status: "completed" });
          expect(session.of("permission.requested")).toEqual([]);
          expect(await readdir(directory)).toEqual(["made.txt"]);
        },
        { permissionMode: "bypass" },
      ),
  },
  {
    id: "command.env",
    title: "a command sees the variables of its session, and nobody else is told of them",
    play: (stage) => {
      const secret = `secret-${randomUUID()}`;
      const digest = createHash("sha256").update(secret).digest("hex");
      const message = stage.script([
        reply([stage.subject.command('printf %s "$MY_SECRET" | sha256sum')]),
        reply("Done."),
      ]);
      return stage.session(
        "bash",
        async (session) => {
          const turn = await session.send(message);
          await session.reply("once");
          expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
          expect(session.results()[0]?.output).toContain(digest);
        },
        { env: { MY_SECRET: secret }, secrets: [secret] },
      );
    },
  },
  {
    id: "command.directories",
    title: "two sessions work at once, each in its directory and with its own answers",
    play: async (stage) => {
      const gate = `both-${randomUUID()}`;
      const { model } = stage.rig;
      const work = (mark: string) =>
        stage.sharedSession("bash", async (session, directory) => {
          const turn = await session.send(
            stage.script([
              reply([stage.subject.command(`echo ${mark} > mark.txt`)]),
              reply([text(`${mark} `), hold(gate), text("is done.")]),
            ]),
          );
          await session.reply("once");
          await model.reached(gate, { times: 2 });
          model.release(gate);
          expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
          expect(session.said()).toEqual([`${mark} is done.`]);
          expect(await readdir(directory)).toEqual(["mark.txt"]);
          expect(await readFile(join(directory, "mark.txt"), "utf8")).toBe(`${mark}\n`);
        });
      await Promise.all([work("one"), work("two")]);
    },
  },
  {
    id: "command.deadline.reject",
    title: "a permission that nobody answers in time is rejected, and the turn goes on",
    play: (stage) =>
      stage.sharedSession(
        "bash",
        async (session) => {
          const ended = await session.run(stage.message("bash"));
          expect(ended).toMatchObject({ status: "completed" });
          expect(session.of("permission.resolved")[0]?.data).toMatchObject({
            status: "reject",
            metadata: { reason: "timeout" },
          });
          expect(await session.info()).toMatchObject({ status: "idle", pendingPermissions: [] });
        },
        { interaction: { timeoutMs: 200 } },
      ),
  },
  {
    id: "command.deadline.interrupt",
    title: "a permission that nobody answers in time interrupts the turn where that is wanted",
    play: (stage) =>
      stage.session(
        "bash",
        async (session) => {
          const ended = await session.run(stage.message("bash"));
          expect(ended).toMatchObject({ status: "interrupted" });
          expect(await session.run(stage.message("text"))).toMatchObject({ status: "completed" });
          expect(session.said().at(-1)).toBe(HELLO);
        },
        { interaction: { timeoutMs: 200, onTimeout: "interrupt" } },
      ),
  },
];
