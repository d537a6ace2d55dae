import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { hold, reply, text } from "../../support/model-script.ts";
import { PIXEL_PNG } from "../../support/pixel.ts";
import { expectUsable, HELLO, requestsOf, told } from "./expect-usable.ts";
import type { Scenario } from "./scenario.ts";

/** What is said, and how it is told. */
export const turns: Scenario[] = [
  {
    id: "turn.text",
    title: "a message is answered in a turn that ends once",
    proves: ["textMessages", "sessionLifecycle"],
    play: (stage) =>
      stage.sharedSession("text", async (session) => {
        expect(await session.run(stage.message("text"))).toMatchObject({ status: "completed" });
        expect(session.said()).toEqual([HELLO]);
        expect(session.of("turn.ended")).toHaveLength(1);
        const items = session.of("item.completed").map(({ data }) => data.item);
        const messages = items.filter(({ kind }) => kind === "message");
        expect(messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
      }),
  },
  {
    id: "turn.deltas",
    title: "an answer is told piece by piece, as the agent says it",
    proves: ["streamingDeltas"],
    play: (stage) =>
      stage.sharedSession("text", async (session) => {
        await session.run(stage.message("text"));
        const [answer] = session
          .of("item.completed")
          .flatMap(({ data: { item } }) => (item.role === "assistant" ? [item.item_id] : []));
        const deltas = session.of("item.delta").filter(({ data }) => data.item_id === answer);
        expect(deltas.filter(({ synthetic }) => !synthetic).length).toBeGreaterThan(1);
      }),
  },
  {
    id: "turn.started",
    title: "an item is told when the agent begins it, before it is complete",
    proves: ["itemStarted"],
    play: (stage) =>
      stage.sharedSession("slow", async (session) => {
        const turn = await session.send(stage.message("slow"));
        const started = await session.until(
          "item.started",
          ({ data }) => data.item.role === "assistant",
        );
        expect(started).toMatchObject({
          synthetic: false,
          data: { item: { status: "in_progress" } },
        });
        await session.until("item.delta");
        await session.interrupt();
        await session.turnEnded(turn);
      }),
  },
  {
    id: "turn.blocks",
    title: "two blocks of one answer are two items",
    play: (stage) =>
      stage.sharedSession("blocks", async (session) => {
        expect(await session.run(stage.message("blocks"))).toMatchObject({ status: "completed" });
        expect(session.said()).toEqual(["First block.", "Second block."]);
      }),
  },
  {
    id: "turn.reasoning",
    title: "what the model thinks is reasoning",
    proves: ["reasoning"],
    play: (stage) =>
      stage.sharedSession("think", async (session) => {
        expect(await session.run(stage.message("think"))).toMatchObject({ status: "completed" });
        expect(session.parts("reasoning")).toMatchObject([{ text: "Let me think about this." }]);
        expect(session.said()).toEqual(["The answer is 4."]);
      }),
  },
  {
    id: "turn.memory",
    title: "the turns of a session are one conversation",
    play: (stage) =>
      stage.sharedSession("text", async (session) => {
        const word = `remember-${randomUUID()}`;
        await session.run(`${word} ${stage.message("text")}`);
        await session.run(stage.message("think"));
        await expectUsable(stage, session);
        expect(await told(stage, session)).toContain(word);
      }),
  },
  {
    id: "turn.process",
    title: "one process serves turn after turn",
    alone: "counts the agent's processes",
    play: (stage) =>
      stage.sharedSession("text", async (session) => {
        const pidsAfterTurn = async () => {
          await expectUsable(stage, session);
          return (await stage.rig.agentProcesses()).map(({ pid }) => pid);
        };
        // A server of sessions with other settings may be there, too.
        const first = await pidsAfterTurn();
        expect(first).not.toEqual([]);
        for (let turn = 0; turn < 2; turn++) {
          for (const pid of await pidsAfterTurn()) expect(first).toContain(pid);
        }
      }),
  },
  {
    id: "turn.usage",
    title: "each turn tells its tokens, and the session's usage is their sum",
    play: (stage) =>
      stage.session("text", async (session) => {
        for (const act of ["text", "think", "text"] as const) {
          await session.run(stage.message(act));
        }
        const totals = session
          .of("turn.ended")
          .map(({ data }) => data.metadata.usage?.total_tokens ?? 0);
        expect(Math.min(...totals)).toBeGreaterThan(0);
        expect((await session.info()).usage.total_tokens).toBe(totals.reduce((a, b) => a + b));
      }),
  },
  {
    id: "turn.cost",
    title: "each turn tells its cost, and the session's cost is their sum",
    play: (stage) =>
      stage.session("text", async (session) => {
        for (let turn = 0; turn < 3; turn++) await expectUsable(stage, session);
        const costs = session
          .of("turn.ended")
          .map(({ data }) => data.metadata.usage?.cost_usd ?? 0);
        expect(Math.min(...costs)).toBeGreaterThan(0);
        const { usage } = await session.info();
        expect(usage.cost_usd).toBeCloseTo(
          costs.reduce((a, b) => a + b),
          10,
        );
      }),
  },
  {
    id: "turn.queue",
    title: "a message that comes while a turn runs waits, and has a turn of its own",
    play: (stage) =>
      stage.sharedSession("text", async (session) => {
        const { model } = stage.rig;
        const gate = `waits-${randomUUID()}`;
        const first = await session.send(
          stage.script([reply([text("Starting "), hold(gate), text("and done.")])]),
        );
        await model.reached(gate);
        const second = await session.send(stage.message("text"));
        expect(await session.info()).toMatchObject({ status: "running", queuedMessages: 1 });
        model.release(gate);
        for (const turn of [first, second]) {
          expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        }
        expect(session.said()).toEqual(["Starting and done.", HELLO]);
      }),
  },
  {
    id: "turn.image",
    title: "the model sees an attached image itself",
    proves: ["images"],
    // Not in a shared session: its model may have seen the same image as the result of a tool.
    play: (stage) =>
      stage.session("text", async (session, directory) => {
        const path = join(directory, "dot.png");
        await writeFile(path, Buffer.from(PIXEL_PNG, "base64"));
        await session.turnEnded(await session.send(stage.message("text"), [{ path }]));
        expect(await told(stage, session)).toContain(PIXEL_PNG);
        expect(session.parts("image")).toMatchObject([{ path }]);
      }),
  },
  {
    id: "turn.attachment",
    title: "a file that is attached is named to the model, also where it came as data",
    proves: ["fileAttachments"],
    play: (stage) =>
      stage.sharedSession("text", async (session, directory) => {
        const path = join(directory, "notes.csv");
        await writeFile(path, "a,b\n");
        const data = Buffer.from("c,d\n").toString("base64");
        const attached = [{ path }, { data, mime: "text/csv", filename: "more.csv" }];
        const turn = await session.send(stage.message("text"), attached);
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        expect(await told(stage, session)).toContain(path);
        const last = await told(stage, session);
        const written = /[^\s"'\\]+more\.csv/.exec(last.replaceAll(path, ""))?.[0] ?? "";
        expect(await readFile(written, "utf8")).toBe("c,d\n");
      }),
  },
  {
    id: "turn.model",
    title: "the model that a session asks for is used",
    play: (stage) =>
      stage.session(
        "text",
        async (session) => {
          await expectUsable(stage, session);
          expect(await session.info()).toMatchObject({ model: stage.subject.model });
          const asked = await requestsOf(stage, session);
          expect(asked.slice(-2).join("\n")).toContain(
            `"${stage.subject.model.split("/").at(-1)}"`,
          );
        },
        { model: stage.subject.model },
      ),
  },
  {
    id: "turn.effort",
    title: "the effort that a session asks for is used",
    play: (stage) =>
      stage.session(
        "text",
        async (session) => {
          await expectUsable(stage, session);
          expect(await told(stage, session)).toMatch(stage.subject.effort ?? "no effort");
        },
        { variant: stage.subject.variant ?? "" },
      ),
  },
  {
    id: "turn.length",
    title: "an answer that is cut off for its length names that as its stop reason",
    play: (stage) =>
      stage.sharedSession("maxtokens", async (session) => {
        const ended = await session.run(stage.message("maxtokens"));
        expect(ended).toMatchObject({ stop_reason: "max_tokens" });
        await expectUsable(stage, session);
      }),
  },
  {
    id: "turn.refusal",
    title: "an answer that the model refuses names that as its stop reason",
    play: (stage) =>
      stage.sharedSession("refusal", async (session) => {
        expect(await session.run(stage.message("refusal"))).toMatchObject({
          stop_reason: "refusal",
        });
        await expectUsable(stage, session);
      }),
  },
];
