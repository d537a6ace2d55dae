import { cut, hold, reply, text, tool } from "../../support/model-script.ts";
import { type Conversation, go, ONCE, RULES } from "./conversation.ts";
import { ASKS_BELOW, type OpencodeScenario, REJECT, withMore } from "./scenarios.ts";

/** Waits for the first piece of a text or of the thoughts. */
const delta = (conversation: Conversation) => conversation.seen("message.part.delta");

/** Waits for the first text of a subagent. */
const deltaBelow = (conversation: Conversation) =>
  conversation.seen("message.part.delta", {
    accepts: ({ payload }) => payload.properties?.["sessionID"] !== conversation.id,
  });

/** A request that fails is retried five times (1.18.33). */
const ATTEMPTS = 6;

/** Waits until OpenCode has reported the n-th retry. */
const retry = (conversation: Conversation, count = 1) =>
  conversation.seen("session.status", {
    count,
    accepts: ({ payload }) => isRetry(payload.properties?.["status"]),
  });

const isRetry = (status: unknown): boolean =>
  typeof status === "object" && status !== null && "type" in status && status.type === "retry";

/** Two calls whose permissions are both open before the first reply. */
const parallel = (first: object): OpencodeScenario => ({
  async play(conversation) {
    await conversation.prompt(go("parallel"));
    const one = await conversation.seen("permission.asked");
    const two = await conversation.seen("permission.asked", { count: 2 });
    await conversation.reply(one, first);
    await conversation.reply(two, { reply: "once" });
    await conversation.idle();
  },
});

/** The scenarios of one session in which the moment of a request matters. */
export const interplayRecordings: Record<string, OpencodeScenario> = {
  parallel: parallel({ reply: "once" }),
  "parallel-one-rejected": { ...parallel(REJECT), after: ["/permission"] },

  "question-answered": {
    async play(conversation) {
      await conversation.prompt(go("ask"));
      const question = await conversation.seen("question.asked");
      await conversation.get("/question");
      await conversation.reply(question, { answers: [["Blue"], ["S", "L"]] });
      await conversation.idle();
    },
  },
  "question-rejected": {
    async play(conversation) {
      await conversation.prompt(go("ask"));
      await conversation.reply(await conversation.seen("question.asked"), {});
      await conversation.idle();
    },
    after: ["/question"],
  },

  "interrupt-idle": {
    async play(conversation, stage) {
      await conversation.turn(go("text"));
      await stage.quiet(conversation.server);
      await conversation.post("abort");
      await conversation.idle(2);
    },
  },
  "interrupt-before-answer": {
    async play(conversation) {
      await conversation.abort("hang", () => Promise.resolve());
      await delta(conversation);
      await conversation.get("/session/status");
      await conversation.get(`/session/${conversation.id}/message`);
      await conversation.prompt(go("text"));
      await conversation.get("/session/status");
      await conversation.post("abort");
      await conversation.prompt(go("think"));
      await conversation.seen("session.status", {
        accepts: ({ payload }) => JSON.stringify(payload).includes("busy"),
      });
      await conversation.end();
    },
    after: ["/session/status"],
  },
  "interrupt-streaming": {
    async play(conversation) {
      await conversation.abort("hang", () => delta(conversation));
      await conversation.idle(2);
      await conversation.get(`/session/${conversation.id}/message`);
      await conversation.turn(go("text"));
    },
  },
  "interrupt-thinking": {
    async play(conversation) {
      await conversation.abort("thinkhang", () => delta(conversation));
      await conversation.idle(2);
    },
  },
  "interrupt-permission": {
    async play(conversation) {
      await conversation.abort("bash", () => conversation.seen("permission.asked"));
      await conversation.idle(2);
      await conversation.get("/permission");
      await conversation.reply(await conversation.seen("permission.asked"), REJECT);
      await conversation.seen("permission.replied");
      await conversation.get("/permission");
      await conversation.turn(go("text"));
    },
  },
  "interrupt-question": {
    async play(conversation) {
      await conversation.abort("ask", () => conversation.seen("question.asked"));
      await conversation.idle(2);
      await conversation.get("/question");
      await conversation.reply(await conversation.seen("question.asked"), {});
      await conversation.seen("question.rejected");
    },
    after: ["/question"],
  },
  "interrupt-retrying": {
    async play(conversation) {
      await conversation.abort("e500slow", () => retry(conversation));
      await conversation.idle();
    },
  },
  "interrupt-tool": {
    async play(conversation, stage) {
      await conversation.abort("bashlong", async () => {
        await conversation.allow();
        await stage.made("long.started");
      });
      await conversation.idle(2);
      await conversation.turn(go("text"));
    },
  },
  "interrupt-warm": {
    async play(conversation, stage) {
      await conversation.turn(go("text"));
      await stage.quiet(conversation.server);
      await conversation.abort("hang", () => Promise.resolve());
      await conversation.idle();
      await conversation.get("/session/status");
      await conversation.turn(go("text"));
    },
  },
  "interrupt-subagent": {
    async play(conversation, stage) {
      await conversation.abort("subagenthang", () => deltaBelow(conversation));
      await stage.quiet(conversation.server);
    },
    after: ["/session/status"],
  },
  "interrupt-subagent-permission": {
    ...ASKS_BELOW,
    async play(conversation, stage) {
      await conversation.abort("subagentwrite", () => conversation.seen("permission.asked"));
      await stage.quiet(conversation.server);
    },
    after: ["/permission"],
  },

  "message-while-permission": {
    async play(conversation) {
      await conversation.prompt(go("bash"));
      const permission = await conversation.seen("permission.asked");
      await conversation.prompt(go("text"));
      await conversation.reply(permission, { reply: "once" });
      await conversation.idle();
    },
  },
  "message-while-streaming": {
    async play(conversation, { model }) {
      await conversation.prompt(go("hang"));
      await delta(conversation);
      await conversation.prompt(go("think"));
      model.release("hang");
      await conversation.idle();
    },
  },
  "message-while-tool": {
    async play(conversation) {
      await conversation.prompt(go("bashticks"));
      await conversation.allow();
      await conversation.seen("message.part.updated", {
        accepts: ({ payload }) => JSON.stringify(payload).includes('"output":"tick 1'),
      });
      await conversation.prompt(go("text"));
      await conversation.idle();
    },
  },

  "cut-after-tool": {
    async play(conversation, { model }) {
      let attempt = 0;
      model.script("cuttool", () => {
        attempt += 1;
        const call = tool("bash", { command: "touch cut.txt", description: "Cut" });
        return [reply([text("one "), call, hold(`cut ${attempt}`), cut()])];
      });
      await conversation.prompt(go("cuttool"));
      for (let count = 1; count <= ATTEMPTS; count += 1) {
        const permission = await conversation.seen("permission.asked", { count });
        model.release(`cut ${count}`);
        if (count < ATTEMPTS) await retry(conversation, count);
        else await conversation.idle(2);
        await conversation.reply(permission, ONCE);
      }
    },
  },
  compacted: {
    async play(conversation) {
      await conversation.turn(go("text"));
      await conversation.post("summarize", {
        providerID: "anthropic",
        modelID: "claude-scripted-1",
      });
      await conversation.idle(2);
      await conversation.turn(go("text"));
    },
  },
  "permission-changed": {
    async play(conversation) {
      const path = `/session/${conversation.id}`;
      const allow = [{ permission: "bash", pattern: "*", action: "allow" }];
      await conversation.turn(go("bash"));
      await conversation.request("PATCH", path, { permission: allow });
      await conversation.turn(go("bash"));
      await conversation.request("PATCH", path, { permission: RULES });
      await conversation.turn(go("bash"));
    },
  },
  "unknown-agent": {
    async play(conversation) {
      await conversation.prompt(withMore("text", { agent: "nobody" }));
      await conversation.seen("session.error", { count: 2 });
    },
  },
  "unknown-model": {
    async play(conversation) {
      const model = { providerID: "anthropic", modelID: "nothing" };
      await conversation.prompt(withMore("text", { model }));
      await conversation.seen("session.error", { count: 2 });
      await conversation.prompt(go("text"));
      await conversation.seen("session.error", { count: 2 });
    },
  },
  "no-provider": {
    withoutProvider: true,
    before: ["/config/providers"],
    async play(conversation) {
      await conversation.prompt(go("text"));
      await conversation.seen("session.error");
    },
  },
};
