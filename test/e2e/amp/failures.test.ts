import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AmpDaemon, startAmp } from "../../support/amp-daemon.ts";
import type { LiveSession } from "../../support/live-session.ts";
import { hold, reply, streamError, text } from "../../support/model-script.ts";
import { LaterEvents } from "../../support/shared-session.ts";

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

describe("an error that the server reports", () => {
  const bash = { part: "tool", name: "shell_command", input: { command: "echo late" } } as const;
  const beforeTool = reply([text("Look: ")]);

  // Amp exits after each error, so each error costs one start of Amp.
  it("fails the turn with the code of the error, and the next message continues the thread", () =>
    amp.session(async (session) => {
      const errors = [
        ["401 Unauthorized", "auth"],
        ["rate limit exceeded: 429 too many requests", "rate_limit"],
        ["Overloaded", "overloaded"],
        ["prompt is too long: 250000 tokens > 200000 maximum", "context_window"],
        ["fetch failed", "network"],
        ["internal server error", "api"],
      ] as const;
      await session.run("remember me @@text@@");
      const { nativeSessionId } = await session.info();
      const expectContinues = async (name: string) => {
        await expectUsable(session);
        expect(await session.info(), name).toMatchObject({ nativeSessionId });
        expect(JSON.stringify(amp.model.requests.at(-1)?.messages), name).toContain("remember me");
      };
      for (const [words, code] of errors) {
        const later = new LaterEvents(session);
        const name = `error-${code}`;
        amp.model.script(name, [reply([streamError("api_error", words)])]);
        expect(await session.run(`go @@${name}@@`), words).toMatchObject({
          status: "failed",
          error: { code },
        });
        expect(later.of("error"), words).toMatchObject([{ data: { code }, synthetic: false }]);
        expect(await session.info(), words).toMatchObject({ status: "idle", lastError: { code } });
        await expectContinues(words);
        expect(later.of("error"), words).toHaveLength(1);
      }

      const later = new LaterEvents(session);
      amp.model.script("late", [
        { ...beforeTool, parts: [...beforeTool.parts, bash] },
        reply([streamError("api_error", "too late")]),
      ]);
      const turn = await session.send("go @@late@@");
      await session.reply("once");
      expect(await session.turnEnded(turn)).toMatchObject({
        status: "failed",
        error: { code: "api", message: expect.stringContaining("too late") },
        usage: { total_tokens: 192 },
      });
      expect(later.said()).toEqual(["Look: "]);
      expect(later.results()).toMatchObject([{ output: "late\n" }]);
      await expectContinues("after a tool has run");
    }));
});

describe("a server that rejects the CLI", () => {
  // Each row fails at the start of Amp. A different code shows that the next message asks anew.
  it("fails the turn with the code of the response, and the next message asks it again", () =>
    amp.session(async (session) => {
      const failures = [
        ["getUserInfo", 401, "auth"],
        ["getUserInfo", 500, "api"],
        ["thread-actors", 401, "auth"],
        ["thread-actors", 500, "process_start"],
      ] as const;
      for (const [where, status, code] of failures) {
        amp.model.failures.set(where, status);
        const turn = await session.run("hi @@text@@");
        amp.model.failures.clear();
        expect(turn, `${where} ${status}`).toMatchObject({ status: "failed", error: { code } });
      }
      await expectUsable(session);
    }));

  it("because it is unreachable fails the turn as network", () =>
    amp.session(
      async (session) => {
        expect(await session.run("hi @@text@@")).toMatchObject({
          status: "failed",
          error: { code: "network" },
        });
      },
      { env: { AMP_URL: "http://127.0.0.1:9/" } },
    ));
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

// Each kill costs one start of Amp.
describe("the agent's process", () => {
  it("killed in mid turn, in mid command and with an open permission fails the turn; the next message continues the thread", () =>
    amp.session(async (session) => {
      await session.run("remember me @@text@@");
      const { nativeSessionId } = await session.info();
      const kill = async (turn: string) => {
        process.kill(await agentProcess(session), "SIGKILL");
        expect(await session.turnEnded(turn)).toMatchObject({
          status: "failed",
          error: { code: "process_exit", message: expect.stringContaining("SIGKILL") },
        });
      };
      const expectContinues = async () => {
        await expectUsable(session);
        expect(await session.info()).toMatchObject({ status: "idle", nativeSessionId });
        expect(JSON.stringify(amp.model.requests.at(-1)?.messages)).toContain("remember me");
      };

      amp.model.script("killed", [reply([text("Starting "), hold("killed")])]);
      const speaking = await session.send("go @@killed@@");
      await amp.model.reached("killed");
      await kill(speaking);
      amp.model.release("killed");
      await expectContinues();

      const commanding = await session.send("go @@bashlong@@");
      await session.reply("once");
      await expect
        .poll(() => session.processes())
        .toContainEqual(
          expect.objectContaining({ command: expect.stringContaining("long.started") }),
        );
      await kill(commanding);
      await expect.poll(() => session.processes()).toEqual([]);
      await expectContinues();

      const asking = await session.send("go @@bash@@");
      const { permission_id } = await session.permission();
      await kill(asking);
      const resolved = session.of("permission.resolved").map(({ data }) => data);
      expect(resolved).toMatchObject([{ status: "accept" }, { permission_id, status: "reject" }]);
      await expectContinues();
    }));

  it("ended while idle by SIGTERM and by SIGKILL affects no turn", () =>
    amp.session(async (session) => {
      await session.run("hi @@text@@");
      for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        await session.run("hi @@think@@");
        process.kill(await agentProcess(session), signal);
        await expect.poll(() => session.processes()).toEqual([]);
        // A message before the daemon has seen the exit fails: the process might have handed it on.
        await expect.poll(processGauge).toBe("0");
        await expectUsable(session);
        expect(session.of("error"), signal).toEqual([]);
      }
      expect(await session.info()).toMatchObject({ usage: { total_tokens: 5 * 192 } });
    }));
});
