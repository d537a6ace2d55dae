import { describe, expect, it } from "vitest";
import { startDaemon, type Daemon, type DaemonOptions } from "../support/daemon.ts";
import { post, postJson } from "../support/post-json.ts";
import { temporaryHome } from "../support/sandbox.ts";

const WARN = 40;

interface LogLine {
  level: number;
  msg: string;
  path?: string;
}

describe("what a server logs", () => {
  it("is one JSON object per line where stderr is no terminal", async () => {
    const { stderr } = await servedOnce({});
    const lines = jsonLines(stderr);
    expect(lines.map(({ msg }) => msg)).toContain("request");
    expect(lines.every(({ level }) => level < WARN)).toBe(true);
  });

  it.each([
    ["--log-format pretty", { args: ["--no-token", "--log-format", "pretty"] }],
    ["SANDBOX_AGENT_LOG_FORMAT=pretty", { env: { SANDBOX_AGENT_LOG_FORMAT: "pretty" } }],
  ])("is for people to read with %s", async (_, options) => {
    const { stderr } = await servedOnce(options);
    expect(stderr).toContain("INFO");
    expect(stderr).not.toContain('{"level"');
  });

  it("is JSON where the option says so and the variable does not", async () => {
    const args = ["--no-token", "--log-format", "json"];
    const { stderr } = await servedOnce({ args, env: { SANDBOX_AGENT_LOG_FORMAT: "pretty" } });
    expect(jsonLines(stderr).map(({ msg }) => msg)).toContain("request");
  });

  it.each([
    ["--log-level", { args: ["--no-token", "--log-level", "silent"] }],
    ["SANDBOX_AGENT_LOG_LEVEL", { env: { SANDBOX_AGENT_LOG_LEVEL: "silent" } }],
  ])("is as much as %s says", async (_, options) => {
    const { stderr } = await servedOnce(options);
    expect(stderr).toBe("");
  });

  it.each([
    [["--no-token"], 0],
    [["--no-token", "--host", "127.0.0.1"], 0],
    [["--token", "a-token-that-is-long", "--host", "0.0.0.0"], 1],
    [["--token", "t", "--host", "0.0.0.0"], 2],
    [["--no-token", "--host", "0.0.0.0"], 1],
    [["--no-token", "--host", "::"], 1],
    [["--no-token", "--cors-allow-origin", "*"], 1],
    [["--no-token", "--cors-allow-origin", "http://page.example"], 0],
  ])("with %j warns %j times about the access to the server", async (args, times) => {
    const { stderr, url } = await servedOnce({ args });
    // A request without the token is warned of as well.
    const warnings = jsonLines(stderr).filter(
      ({ level, msg }) => level >= WARN && msg !== "request",
    );
    expect(warnings).toHaveLength(times);
    for (const { msg } of warnings)
      expect(msg).toMatch(/^(?:(?:NO|SHORT) TOKEN|--token is visible)/);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it("never holds a secret: no token, no key, no session environment, no query", async () => {
    const secrets = {
      token: "secret-token",
      wrong: "secret-wrong",
      key: "secret-key",
      variable: "secret-variable",
      query: "secret-query",
      message: "secret-message",
    };
    await using home = await temporaryHome();
    await using daemon = await startDaemon({
      home,
      args: ["--log-level", "trace"],
      env: { SANDBOX_AGENT_TOKEN: secrets.token, ANTHROPIC_API_KEY: secrets.key },
    });
    const authorization = `Bearer ${secrets.token}`;
    const post = (path: string, body: unknown) =>
      postJson(`${daemon.url}${path}`, body, { authorization });
    const statuses = [
      await fetch(`${daemon.url}/v1/agents?token=${secrets.query}`),
      await fetch(`${daemon.url}/v1/agents`, {
        headers: { authorization: `Bearer ${secrets.wrong}` },
      }),
      await fetch(`${daemon.url}/v1/agents?x=${secrets.query}`, { headers: { authorization } }),
      await post("/v1/sessions/one", { agent: "mock", env: { A: secrets.variable } }),
      await post("/v1/sessions/two", { agent: "mock" }),
      await post("/v1/sessions/two/messages", { message: secrets.message }),
      await post("/v1/sessions/two", { agent: 1, env: { A: secrets.variable } }),
    ].map(({ status }) => status);
    expect(statuses).toEqual([401, 401, 200, expect.any(Number), 200, 204, 400]);
    await daemon.stop();
    expect(jsonLines(daemon.stderr()).length).toBeGreaterThan(statuses.length);
    for (const secret of Object.values(secrets)) {
      expect(daemon.stderr() + daemon.stdout()).not.toContain(secret);
    }
  });

  it("stays JSON with its paths, whatever variables a session brings", async () => {
    await using home = await temporaryHome();
    await using daemon = await startDaemon({ home });
    const env = {
      A_TOKEN: '"path":"/v1/sess',
      B_KEY: '"msg":"request"',
      C_KEY: '","status":',
      D_SECRET: "/v1/sessions/evil",
    };
    await post(`${daemon.url}/v1/sessions/evil`, { agent: "mock", env });
    await postJson(`${daemon.url}/v1/sessions/evil2`, { agent: "claude", env });
    await (await fetch(`${daemon.url}/v1/sessions`)).body?.cancel();
    await daemon.stop();
    const requests = jsonLines(daemon.stderr()).filter(({ msg }) => msg === "request");
    const paths = requests.map(({ path = "" }) => path);
    expect(paths).toContain("/v1/sessions");
    // This path is also a value with more than 16 characters, which may be a secret.
    expect(paths).not.toContain("/v1/sessions/evil");
    expect(paths.filter((path) => path.startsWith("/v1/sess"))).toEqual(["/v1/sessions"]);
  });

  it("holds at most 512 characters of a path", async () => {
    await using home = await temporaryHome();
    await using daemon = await startDaemon({ home });
    await (await fetch(`${daemon.url}/v1/${"x".repeat(10_000)}`)).body?.cancel();
    await daemon.stop();
    const [{ path } = { path: "" }] = jsonLines(daemon.stderr()).filter(({ path }) =>
      path?.includes("xx"),
    );
    expect(path).toBe(`/v1/${"x".repeat(508)}`);
  });
});

/** What a server said on stderr from its start over one request to its end. */
async function servedOnce(options: Omit<DaemonOptions, "home">): Promise<{
  stderr: string;
  url: Daemon["url"];
}> {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home, ...options });
  await (await fetch(`${daemon.url}/v1/sessions`)).body?.cancel();
  await daemon.stop();
  return { stderr: daemon.stderr(), url: daemon.url };
}

function jsonLines(text: string): LogLine[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as LogLine);
}
