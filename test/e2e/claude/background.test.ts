import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClaudeDaemon, startClaude } from "../../support/claude-daemon.ts";
import { hold, reply, text, tool } from "../../support/model-script.ts";
import { LaterEvents, shareSession } from "../../support/shared-session.ts";

let claude: ClaudeDaemon;

beforeAll(async () => {
  claude = await startClaude();
});

afterAll(() => claude[Symbol.asyncDispose]());

describe("a subagent", () => {
  const shared = shareSession(() => claude);

  it("is told with its words, its tools and its permission, all below the call that began it", async () => {
    const { session } = shared;
    const later = new LaterEvents(session);
    claude.model.script("subask", [
      reply([text("Writing."), tool("Bash", { command: "touch below.txt", description: "Touch" })]),
      reply("Written."),
    ]);
    claude.model.script("delegate", [
      reply([
        tool("Agent", {
          description: "Ask",
          prompt: "Do it @@subask@@",
          subagent_type: "general-purpose",
          run_in_background: false,
        }),
      ]),
      reply("All done."),
    ]);
    const turn = await session.send("go @@delegate@@");
    const asked = await session.reply("once");
    await session.turnEnded(turn);
    const items = later.items();
    const call = items.find(({ kind }) => kind === "tool_call");
    const below = items.filter(({ subagent }) => subagent !== undefined);
    const [part] = call?.content ?? [];
    expect(part).toMatchObject({ type: "tool_call", name: "Agent" });
    const [prompt, said, made, result, last] = below;
    for (const item of [prompt, said, made, last]) expect(item?.parent_id).toBe(call?.item_id);
    expect(result).toMatchObject({ kind: "tool_result", parent_id: made?.item_id });
    expect(new Set(below.map(({ subagent }) => subagent?.id)).size).toBe(1);
    expect(said?.content).toEqual([{ type: "text", text: "Writing." }]);
    expect(last?.content).toEqual([{ type: "text", text: "Written." }]);
    expect(asked.metadata).toMatchObject({ item_id: made?.item_id, command: "touch below.txt" });
    expect(asked.metadata).not.toHaveProperty("background");
  });

  it("in the background keeps asking after the turn has ended, beside other turns", async () => {
    const { session } = shared;
    const later = new LaterEvents(session);
    const turn = await session.send("go @@subagentbackgroundwrite@@");
    const asked = await session.permission();
    await session.turnEnded(turn);
    expect(asked.metadata).toMatchObject({ background: true, command: "touch from-sub.txt" });
    const { status, pendingPermissions } = await session.info();
    expect({ status, pendingPermissions }).toEqual({
      status: "idle",
      pendingPermissions: [asked],
    });
    expect(await session.run("meanwhile @@text@@")).toMatchObject({ status: "completed" });
    expect((await session.info()).pendingPermissions).toEqual([asked]);
    await session.replyTo(asked, "once");
    const own = await later.until("turn.started", ({ data }) => data.metadata?.origin === "agent");
    expect(later.said()).toContain("Written.");
    expect((await session.info()).pendingPermissions).toEqual([]);
    await session.turnEnded(own.data.turn_id);
  });

  it("that waits for an answer when its process is killed waits no more", async () => {
    const { session } = shared;
    const later = new LaterEvents(session);
    const turn = await session.send("go @@subagentbackgroundwrite@@");
    const { permission_id } = await session.permission();
    await session.turnEnded(turn);
    const [{ pid } = { pid: 0 }] = await session.agentProcesses();
    process.kill(pid, "SIGKILL");
    const { data } = await later.until("permission.resolved");
    expect(data).toMatchObject({
      permission_id,
      status: "reject",
      metadata: { reason: "interrupted" },
    });
    expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
  });

  it("in the background reports in a turn that the agent begins by itself", () =>
    claude.session(async (session) => {
      const turn = await session.send("go @@subagentbackground@@");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      const own = await session.until(
        "turn.started",
        ({ data }) => data.metadata?.origin === "agent",
      );
      const ended = await session.turnEnded(own.data.turn_id);
      expect(ended).toMatchObject({ status: "completed" });
      // Two answers of the first turn, two below it, and the one of the agent's own turn.
      const { usage } = await session.info();
      expect(usage.output_tokens).toBe(5 * 42);
      const last = (await session.raw()).findLast(({ type }) => type === "turn.ended")?.raw;
      const total_cost_usd = expect.closeTo(usage.cost_usd ?? 0, 10);
      expect(last).toMatchObject({ type: "result", total_cost_usd });
      expect(session.said()).toContain("Subagent answer 42.");
      expect(session.statusLabels()).toContain("task");
      expect(await session.info()).toMatchObject({ status: "idle" });
    }));
});

describe("a command in the background", () => {
  const shared = shareSession(() => claude);

  it("is told when it begins and ends, and its end is a turn of the agent's own", async () => {
    const { session } = shared;
    const later = new LaterEvents(session);
    const command = "for i in 1 2; do echo tick; sleep 0.2; done";
    claude.model.script("tick", [
      reply([tool("Bash", { command, description: "Tick", run_in_background: true })]),
      reply("Launched."),
    ]);
    const turn = await session.send("go @@tick@@");
    await session.reply("once");
    await session.turnEnded(turn);
    expect(later.results()[0]).not.toHaveProperty("exit_code");
    const own = await later.until("turn.started", ({ data }) => data.metadata?.origin === "agent");
    await session.turnEnded(own.data.turn_id);
    const call = later.items().find(({ kind }) => kind === "tool_call");
    const tasks = later.items().filter(({ parent_id, kind }) => {
      return kind === "status" && parent_id === call?.item_id;
    });
    const details = tasks.flatMap(({ content }) =>
      content.flatMap((part) => (part.type === "status" ? [part.detail] : [])),
    );
    expect(details).toEqual(["Tick", 'Background command "Tick" completed (exit code 0)']);
    const started = later.of("turn.started");
    expect(started.filter(({ data }) => data.metadata?.origin === "agent")).toHaveLength(1);
  });

  it("lets a message wait behind the turn that tells of it", async () => {
    const { session } = shared;
    const later = new LaterEvents(session);
    // The second answer is that of the agent's own turn.
    claude.model.script("waits", [
      reply([tool("Bash", { command: "echo now", description: "Now", run_in_background: true })]),
      reply("Launched."),
      reply([text("It is over. "), hold("waits")]),
    ]);
    await session.run("go @@waits@@");
    await later.until("turn.started", ({ data }) => data.metadata?.origin === "agent");
    await claude.model.reached("waits");
    const turn = await session.send("next @@text@@");
    expect(await session.info()).toMatchObject({ status: "running", queuedMessages: 1 });
    claude.model.release("waits");
    expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    const turns = later.of("turn.ended").map(({ data }) => data.turn_id);
    expect(turns.indexOf(turn)).toBe(2);
  });
});
