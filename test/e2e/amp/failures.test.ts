import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AmpDaemon, startAmp } from "../../support/amp-daemon.ts";
import type { LiveSession } from "../../support/live-session.ts";
import { hold, reply, streamError, text } from "../../support/model-script.ts";

let amp: AmpDaemon;

beforeAll(async () => {
  amp = await startAmp();
});

afterAll(() => amp[Symbol.asyncDispose]());

/** Whether a session is still of use after what went wrong in it. */
async function expectUsable(session: LiveSession): Promise<void> {
  expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
  expect(session.said().at(-1)).toBe("Hello from the scripted model.");
}

/** The number of agent processes that the daemon counts as running. */
async function processGauge(): Promise<string | undefined> {
  const metrics = await (await fetch(`${amp.daemon.url}/metrics`)).text();
  return /^sandbox_agent_agent_processes\{agent="amp"\} (\d+)$/m.exec(metrics)?.[1];
}

/** The process of the agent itself. */
async function agentProcess(session: LiveSession): Promise<number> {
  const all = await session.processes();
  const found = all.find(({ command }) => command.includes("--stream-json-input"));
  expect(found).toBeDefined();
  return found?.pid ?? 0;
}

describe("an error that the server tells", () => {
  it.each([
    ["401 Unauthorized", "auth"],
    ["rate limit exceeded: 429 too many requests", "rate_limit"],
    ["Overloaded", "overloaded"],
    ["prompt is too long: 250000 tokens > 200000 maximum", "context_window"],
    ["fetch failed", "network"],
    ["internal server error", "api"],
  ])("(%s) fails the turn as %s, and the next message goes on with the thread", (words, code) =>
    amp.session(async (session) => {
      await session.run("remember me @@text@@");
      const { nativeSessionId } = await session.info();
      const name = `error-${code}`;
      amp.model.script(name, [reply([streamError("api_error", words)])]);
      expect(await session.run(`go @@${name}@@`)).toMatchObject({
        status: "failed",
        error: { code },
      });
      expect(session.of("error")).toMatchObject([{ data: { code }, synthetic: false }]);
      expect(await session.info()).toMatchObject({ status: "idle", lastError: { code } });
      await expectUsable(session);
      expect(await session.info()).toMatchObject({ nativeSessionId });
      expect(JSON.stringify(amp.model.requests.at(-1)?.messages)).toContain("remember me");
    }),
  );

  it("after a tool has run leaves what was told", () =>
    amp.session(
      async (session) => {
        const [first] = [reply([text("Look: ")])];
        amp.model.script("late", [
          { ...first, parts: [...first.parts, bash] },
          reply([streamError("api_error", "too late")]),
        ]);
        expect(await session.run("go @@late@@")).toMatchObject({
          status: "failed",
          error: { code: "api", message: expect.stringContaining("too late") },
          usage: { total_tokens: 192 },
        });
        expect(session.said()).toEqual(["Look: "]);
        expect(session.results()).toMatchObject([{ output: "late\n" }]);
        await expectUsable(session);
      },
      { permissionMode: "bypass" },
    ));
});

const bash = { part: "tool", name: "shell_command", input: { command: "echo late" } } as const;

describe("a server that does not take the CLI", () => {
  it.each([
    ["getUserInfo", 401, "auth"],
    ["getUserInfo", 500, "api"],
    ["thread-actors", 401, "auth"],
    ["thread-actors", 500, "process_start"],
  ])(
    "(%s %i) fails the turn as %s, and is asked anew with the next message",
    (where, status, code) =>
      amp.session(async (session) => {
        amp.model.failures.set(where, status);
        const turn = await session.run("hi @@text@@");
        amp.model.failures.clear();
        expect(turn).toMatchObject({ status: "failed", error: { code } });
        await expectUsable(session);
      }),
  );

  it("because nobody is there fails the turn as network", async () => {
    await using alone = await startAmp({ env: { AMP_URL: "http://127.0.0.1:9/" } });
    await alone.session(async (session) => {
      expect(await session.run("hi @@text@@")).toMatchObject({
        status: "failed",
        error: { code: "network" },
      });
    });
  });
});

it("without any key fails the turn as auth, and nothing of the login is told", async () => {
  await using keyless = await startAmp({ env: { AMP_API_KEY: undefined } });
  const { agents } = (await (await fetch(`${keyless.daemon.url}/v1/agents`)).json()) as {
    agents: { id: string; credentialsAvailable: boolean }[];
  };
  expect(agents.find(({ id }) => id === "amp")).toMatchObject({ credentialsAvailable: false });
  await keyless.session(async (session) => {
    expect(await session.run("hi @@text@@")).toMatchObject({
      status: "failed",
      error: { code: "auth", message: expect.stringContaining("AMP_API_KEY") },
    });
    expect(JSON.stringify(await session.raw())).not.toContain("authToken");
  });
  expect(keyless.model.requests).toEqual([]);
});

it("a thread that the server has forgotten ends the session with a clear error", () =>
  amp.session(async (session) => {
    await session.run("hi @@text@@");
    const { nativeSessionId } = await session.info();
    process.kill(await agentProcess(session), "SIGTERM");
    await expect.poll(() => session.processes()).toEqual([]);
    amp.model.forget(nativeSessionId ?? "");
    const turn = await session.send("hi again @@text@@");
    expect(await session.turnEnded(turn)).toMatchObject({ status: "failed" });
    expect(await session.until("session.ended")).toMatchObject({
      data: {
        reason: "error",
        terminated_by: "agent",
        message: expect.stringContaining("does not exist"),
      },
    });
    await expect(session.send("hello?")).rejects.toThrow("agent process exited: amp");
  }));

describe("the agent's process", () => {
  it("killed in mid turn fails the turn; the next message goes on with the thread", () =>
    amp.session(async (session) => {
      amp.model.script("killed", [reply([text("Starting "), hold("killed")])]);
      await session.run("remember me @@text@@");
      const turn = await session.send("go @@killed@@");
      await amp.model.reached("killed");
      process.kill(await agentProcess(session), "SIGKILL");
      expect(await session.turnEnded(turn)).toMatchObject({
        status: "failed",
        error: { code: "process_exit", message: expect.stringContaining("SIGKILL") },
      });
      const { nativeSessionId } = await session.info();
      amp.model.release("killed");
      await expectUsable(session);
      expect(await session.info()).toMatchObject({ status: "idle", nativeSessionId });
      expect(JSON.stringify(amp.model.requests.at(-1)?.messages)).toContain("remember me");
    }));

  it("killed while its command runs takes the command with it", () =>
    amp.session(async (session) => {
      const turn = await session.send("go @@bashlong@@");
      await session.reply("once");
      await expect
        .poll(() => session.processes())
        .toContainEqual(
          expect.objectContaining({ command: expect.stringContaining("long.started") }),
        );
      process.kill(await agentProcess(session), "SIGKILL");
      expect(await session.turnEnded(turn)).toMatchObject({ error: { code: "process_exit" } });
      await expect.poll(() => session.processes()).toEqual([]);
      await expectUsable(session);
    }));

  it("killed while a permission is open closes it", () =>
    amp.session(async (session) => {
      const turn = await session.send("go @@bash@@");
      await session.permission();
      process.kill(await agentProcess(session), "SIGKILL");
      expect(await session.turnEnded(turn)).toMatchObject({ error: { code: "process_exit" } });
      expect(session.of("permission.resolved")).toMatchObject([{ data: { status: "reject" } }]);
      await expectUsable(session);
    }));

  it.each(["SIGTERM", "SIGKILL"] as const)("ended while idle by %s is missed by nobody", (signal) =>
    amp.session(async (session) => {
      await session.run("hi @@text@@");
      await session.run("hi @@think@@");
      process.kill(await agentProcess(session), signal);
      await expect.poll(() => session.processes()).toEqual([]);
      // A message before the daemon has seen the exit fails: the process might have handed it on.
      await expect.poll(processGauge).toBe("0");
      await expectUsable(session);
      expect(session.of("error")).toEqual([]);
      expect(await session.info()).toMatchObject({ usage: { total_tokens: 576 } });
    }),
  );
});
