import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ClaudeDaemon, startClaude } from "../../support/claude-daemon.ts";
import { hold, reply, text, tool } from "../../support/model-script.ts";

let claude: ClaudeDaemon;

beforeAll(async () => {
  claude = await startClaude();
});

afterAll(() => claude[Symbol.asyncDispose]());

it("answers in deltas", () =>
  claude.session(async (session) => {
    expect(await session.run("hi @@text@@")).toMatchObject({
      status: "completed",
      stop_reason: "end_turn",
    });
    expect(session.said()).toEqual(["Hello from the scripted model."]);
    expect(session.of("item.delta").map(({ data }) => data.delta)).toEqual([
      "Hello ",
      "from ",
      "the ",
      "scripted ",
      "model.",
    ]);
  }));

it("tells what it thinks as reasoning", () =>
  claude.session(async (session) => {
    await session.run("think @@think@@");
    const contents = session.of("item.completed").map(({ data }) => data.item.content);
    expect(contents).toEqual([
      [{ type: "text", text: "think @@think@@" }],
      [{ type: "reasoning", text: "Let me think about this.", visibility: "public" }],
      [{ type: "text", text: "The answer is 4." }],
    ]);
  }));

it("serves three turns with one process, and the usage of the turns adds up to the session's", () =>
  claude.session(async (session) => {
    const pids = new Set<number>();
    const usages = [];
    for (const name of ["text", "think", "blocks"]) {
      const { usage } = await session.run(`one @@${name}@@`);
      expect(usage).toMatchObject({ input_tokens: 150, output_tokens: 42, total_tokens: 192 });
      expect(usage?.cost_usd).toBeGreaterThan(0);
      usages.push(usage);
      const running = await session.agentProcesses();
      expect(running).toHaveLength(1);
      for (const { pid } of running) pids.add(pid);
    }
    expect(pids.size).toBe(1);
    const { usage } = await session.info();
    expect(usage).toMatchObject({ input_tokens: 450, output_tokens: 126, total_tokens: 576 });
    const costs = usages.map((turn) => turn?.cost_usd ?? 0);
    expect(usage.cost_usd).toBeCloseTo(
      costs.reduce((a, b) => a + b),
      10,
    );
    const last = claude.model.requests.at(-1);
    expect(JSON.stringify(last?.body.messages)).toContain("one @@text@@");
  }));

it("queues a message that comes while a turn runs", () =>
  claude.session(async (session) => {
    claude.model.script("busy", [reply([text("Starting "), hold("busy"), text("and done.")])]);
    const first = await session.send("first @@busy@@");
    await claude.model.reached("busy");
    const second = await session.send("second @@text@@");
    expect(await session.info()).toMatchObject({ status: "running", queuedMessages: 1 });
    claude.model.release("busy");
    expect(await session.turnEnded(first)).toMatchObject({ status: "completed" });
    expect(await session.turnEnded(second)).toMatchObject({ status: "completed" });
    expect(session.said()).toEqual(["Starting and done.", "Hello from the scripted model."]);
    expect(await session.agentProcesses()).toHaveLength(1);
  }));

it("works for two sessions at once, each in its directory", async () => {
  const work = (at: string, word: string) =>
    claude.session(
      async (session, directory) => {
        claude.model.script(word, [
          reply([hold("both"), tool("Bash", { command: "pwd", description: "Where" })]),
          reply(`Done ${word}.`),
        ]);
        await session.run(`go @@${word}@@`);
        expect(session.results()).toMatchObject([{ output: directory }]);
        expect(session.said()).toEqual([`Done ${word}.`]);
      },
      { directory: at },
    );
  const both = Promise.all([
    work(await claude.directory("one"), "one"),
    work(await claude.directory("two"), "two"),
  ]);
  await claude.model.reached("both", { times: 2 });
  claude.model.release("both");
  await both;
});

it("gives its commands the session's variables and tells nobody else of them", () => {
  const secret = `secret-${randomUUID()}`;
  const digest = createHash("sha256").update(secret).digest("hex");
  claude.model.script("digest", [
    reply([tool("Bash", { command: 'printf %s "$MY_SECRET" | sha256sum', description: "Digest" })]),
    reply("Done."),
  ]);
  return claude.session(
    async (session) => {
      const turn = await session.send("go @@digest@@");
      await session.reply("once");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.results()).toMatchObject([{ output: `${digest}  -`, exit_code: 0 }]);
    },
    { env: { MY_SECRET: secret }, secrets: [secret] },
  );
});

it("passes on the model and the effort that the session asks for", () =>
  claude.session(
    async (session) => {
      await session.run("hi @@text@@");
      expect(await session.info()).toMatchObject({ model: "claude-scripted-1", variant: "low" });
      const seen = claude.model.requests.at(-1)?.body;
      expect(seen).toMatchObject({
        model: "claude-scripted-1",
        output_config: { effort: "low" },
      });
    },
    { model: "claude-scripted-1", variant: "low" },
  ));

it("keeps a tool's input out of the events until it is whole", () =>
  claude.session(async (session) => {
    claude.model.script("half", [
      reply([tool("Bash", { command: "true", description: "Nothing" })]),
      reply("Done."),
    ]);
    expect(await session.run("go @@half@@")).toMatchObject({ status: "completed" });
    const calls = session.of("item.completed").map(({ data }) => data.item);
    expect(calls.find(({ kind }) => kind === "tool_call")?.content).toMatchObject([
      { arguments: '{"command":"true","description":"Nothing"}' },
    ]);
  }));
