import { Conversation, go, ONCE } from "./conversation.ts";
import type { OpencodeScenario } from "./scenarios.ts";
import type { OpencodeStage } from "./stage.ts";

/** Ids of things that do not exist. */
const NO_SESSION = "ses_df169f5aeffegexjuT6fn3Dtx7";
const NO_PERMISSION = "per_20e97507d001H6wSFiBENdPfOf";
const NO_QUESTION = "que_20e97507d001H6wSFiBENdPfOf";

const LISTS = [
  "/config/providers",
  "/agent",
  "/command",
  "/session",
  "/session/status",
  "/permission",
  "/question",
  "/global/health",
];

/** The next server of a home, and the session of the server before. */
async function next(
  stage: OpencodeStage,
  recording: string,
  { id }: Conversation,
): Promise<Conversation> {
  return new Conversation(await stage.start(recording), { id });
}

/** A session whose command runs when its server is ended. */
async function whileCommandRuns(stage: OpencodeStage, recording: string): Promise<Conversation> {
  const conversation = await Conversation.create(await stage.start(recording));
  await conversation.prompt(go("bashlong"));
  await conversation.allow();
  await stage.made("long.started");
  await stage.quiet(conversation.server);
  return conversation;
}

/** A session whose model speaks when its server is ended. */
async function whileTextStreams(stage: OpencodeStage, recording: string): Promise<Conversation> {
  const conversation = await Conversation.create(await stage.start(recording));
  await conversation.prompt(go("hang"));
  await conversation.seen("message.part.delta");
  await stage.quiet(conversation.server);
  return conversation;
}

/** The scenarios of more than one session, directory or server. */
export const serverRecordings: Record<string, OpencodeScenario> = {
  lists: {
    async playAll(stage) {
      const server = await stage.start("lists");
      for (const path of LISTS) await server.send({ method: "GET", path });
    },
  },
  refusals: {
    async play(conversation) {
      const request = (method: string, path: string, body?: object) =>
        conversation.request(method, path, body);
      const own = `/session/${conversation.id}`;
      await request("GET", "/session/ses_nothing");
      await request("GET", `/session/${NO_SESSION}`);
      await request("POST", `/session/${NO_SESSION}/prompt_async`, {
        parts: [{ type: "text", text: "x" }],
      });
      await request("POST", `/session/${NO_SESSION}/abort`);
      await request("POST", `/permission/${NO_PERMISSION}/reply`, { reply: "once" });
      await request("POST", `/question/${NO_QUESTION}/reject`);
      await conversation.prompt({ parts: [] });
      await request("POST", `${own}/prompt_async`, { text: "x" });
      const unknown = [{ permission: "bash", pattern: "*", action: "maybe" }];
      await request("POST", "/session", { permission: unknown });
      await conversation.end();
      await request("DELETE", own);
      await request("GET", own);
    },
  },
  "always-other-session": {
    async playAll(stage) {
      const server = await stage.start("always-other-session");
      const replies = [{ reply: "always" }] as const;
      const first = await Conversation.create(server, { title: "A" }, { replies });
      const second = await Conversation.create(server, { title: "B" });
      await first.turn(go("bash"));
      await second.turn(go("bash"));
    },
  },
  "two-directories": {
    async playAll(stage) {
      const server = await stage.start("two-directories");
      const [a, b] = [await stage.folder("a"), await stage.folder("b")];
      const first = await Conversation.create(server, { title: "A" }, { directory: a });
      const second = await Conversation.create(server, { title: "B" }, { directory: b });
      await first.prompt(go("bash"));
      // The model numbers its calls by its requests, so that one of the sessions is the first.
      await first.seen("permission.asked");
      await second.prompt(go("write"));
      await Promise.all([first.end(), second.end()]);
    },
  },
  "wrong-directory": {
    async playAll(stage) {
      const server = await stage.start("wrong-directory");
      const [a, b] = [await stage.folder("a"), await stage.folder("b")];
      const conversation = await Conversation.create(server, {}, { directory: a });
      await conversation.prompt(go("bash"));
      const permission = await conversation.seen("permission.asked");
      const elsewhere = new Conversation(server, { id: conversation.id, directory: b });
      await elsewhere.reply(permission, ONCE);
      await conversation.reply(permission, ONCE);
      await conversation.idle();
      await stage.quiet(server);
      await conversation.reply(permission, ONCE);
    },
  },
  resumed: {
    recordings: ["before-resume", "resumed"],
    async playAll(stage) {
      const before = await Conversation.create(await stage.start("before-resume"));
      await before.turn(go("text"));
      await stage.quiet(before.server);
      await before.server.kill("SIGTERM");
      await (await next(stage, "resumed", before)).turn(go("think"));
    },
  },
  "resumed-after-kill": {
    recordings: ["killed", "resumed-after-kill"],
    async playAll(stage) {
      const killed = await whileTextStreams(stage, "killed");
      await killed.server.kill("SIGKILL");
      const resumed = await next(stage, "resumed-after-kill", killed);
      await resumed.get(`/session/${killed.id}`);
      await resumed.get(`/session/${killed.id}/message`);
      await resumed.turn(go("text"));
    },
  },
  "resumed-after-killed-command": {
    recordings: ["killed-command", "resumed-after-killed-command"],
    async playAll(stage) {
      const killed = await whileCommandRuns(stage, "killed-command");
      await killed.server.kill("SIGKILL");
      const resumed = await next(stage, "resumed-after-killed-command", killed);
      await resumed.get(`/session/${killed.id}/message`);
      await resumed.turn(go("text"));
    },
  },
  "resumed-after-killed-permission": {
    recordings: ["killed-permission", "resumed-after-killed-permission"],
    async playAll(stage) {
      const killed = await Conversation.create(await stage.start("killed-permission"));
      await killed.prompt(go("bash"));
      const permission = await killed.seen("permission.asked");
      await stage.quiet(killed.server);
      await killed.server.kill("SIGKILL");
      const resumed = await next(stage, "resumed-after-killed-permission", killed);
      await resumed.get("/permission");
      await resumed.reply(permission, ONCE);
      await resumed.turn(go("text"));
    },
  },
  terminated: {
    async playAll(stage) {
      const { server } = await whileTextStreams(stage, "terminated");
      await server.kill("SIGTERM");
    },
  },
  "terminated-command": {
    async playAll(stage) {
      const { server } = await whileCommandRuns(stage, "terminated-command");
      await server.kill("SIGTERM");
    },
  },
};
