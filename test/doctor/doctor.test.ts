import { describe, expect, it } from "vitest";
import { allAgents } from "../../src/agents/all.ts";
import { REAL_AGENTS } from "../support/real-agents.ts";
import { RecordingProxy } from "../support/recording-proxy.ts";
import { answering } from "./answering-server.ts";
import { check, examined, healthy, type Patient } from "./patient.ts";
import { ARM64, elf, X64 } from "./programs.ts";

const { version } = REAL_AGENTS.claude;
const KEY = "sk-ant-of-the-patient";
const DOWN = "http://127.0.0.1:1";
const OTHER = process.arch === "arm64" ? X64 : ARM64;

describe("an executable", () => {
  it("that is well is told so, check by check in a certain order", async () => {
    await using server = await answering(404);
    const env = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: server.url };
    const report = await examined({ env });
    expect(report).toMatchObject({ agent: "claude", status: "ok", version });
    expect(report.checks.map(({ id, status }) => `${id} ${status}`)).toEqual([
      "installed ok",
      "platform ok",
      "runs ok",
      "version ok",
      "helpers ok",
      "credentials ok",
      "endpoint ok",
      "key skipped",
    ]);
  });

  const faults: [title: string, patient: Patient, id: string, detail: RegExp, cure: RegExp][] = [
    [
      "may not be run",
      { mode: 0o644 },
      "installed",
      /may not be run/,
      /^chmod \+x '\/.+\/claude'$/,
    ],
    [
      "is for another processor",
      { executable: elf({ machine: OTHER }) },
      "platform",
      /and this is/,
      /install-agent claude --reinstall/,
    ],
    [
      "is for another processor, and so does not run",
      { executable: elf({ machine: OTHER }) },
      "runs",
      /not a program for this machine/,
      /--reinstall/,
    ],
    ["is empty", { executable: Buffer.alloc(8) }, "platform", /neither/, /--reinstall/],
    [
      "hangs",
      { executable: "#!/bin/sh\nexec sleep 1000\n", limitMs: 300 },
      "runs",
      /does not answer --version within 0.3 s/,
      /--reinstall/,
    ],
    [
      "fails",
      { executable: "#!/bin/sh\necho broken >&2\nexit 3\n" },
      "runs",
      /--version ends with 3: broken/,
      /--reinstall/,
    ],
    [
      "kills itself",
      { executable: "#!/bin/sh\nkill -9 $$\n" },
      "runs",
      /is ended by SIGKILL/,
      /--reinstall/,
    ],
    [
      "lacks its interpreter",
      { executable: "#!/nowhere/node\n" },
      "runs",
      /--version ends with|cannot be started/,
      /--reinstall/,
    ],
    [
      "is not one that is proven",
      { executable: "#!/bin/sh\necho 99.0.0\n" },
      "version",
      /99.0.0 is newer/,
      new RegExp(`--agent-version ${version}$`),
    ],
    [
      "floods",
      { executable: "#!/bin/sh\nyes\n", limitMs: 1000 },
      "runs",
      /does not answer/,
      /--reinstall/,
    ],
  ];
  it.each(faults)("that %s is told so, with the cure", async (_, patient, id, detail, cure) => {
    const found = check(await examined({ ...patient, env: { ANTHROPIC_BASE_URL: DOWN } }), id);
    expect(found.status).toBe(id === "version" ? "warning" : "failed");
    expect(found.detail).toMatch(detail);
    expect(found.cure).toMatch(cure);
  });

  it("without its helpers is told what does not work", async () => {
    const env = { OPENAI_BASE_URL: DOWN };
    const report = await examined({ agent: "codex", executable: { copyOf: "/bin/true" }, env });
    const helpers = check(report, "helpers");
    expect(helpers.status).toBe("failed");
    expect(helpers.detail).toMatch(
      /codex-code-mode-host is missing \(.+\): without it most models/,
    );
    expect(helpers.detail).toMatch(/bwrap is missing/);
    expect(helpers.cure).toContain("sandbox-agent install-agent codex --reinstall");
  });

  it("of Codex that cannot confine commands here is told so, and can be used", async () => {
    const executable = `${healthy("codex")}[ "$1" = --version ]\n`;
    const report = await examined({ agent: "codex", executable, env: { OPENAI_BASE_URL: DOWN } });
    expect(check(report, "sandbox")).toEqual({
      id: "sandbox",
      title: expect.any(String),
      status: "warning",
      detail: expect.stringContaining("Codex cannot confine commands on this machine"),
      cure: expect.stringContaining("user namespaces"),
    });
    expect(check(report, "helpers").status).toBe("skipped");
  });
});

describe("the server of a model", () => {
  it.each([200, 301, 401, 404, 500])("that answers %d is reachable", async (status) => {
    await using server = await answering(status, status === 301 ? { location: DOWN } : {});
    const report = await examined({ env: { ANTHROPIC_BASE_URL: server.url } });
    expect(check(report, "endpoint")).toMatchObject({ status: "ok" });
    expect(server.heard.map(({ line }) => line)).toEqual(["GET /v1"]);
  });

  it.each<[agent: Patient["agent"], variable: string]>([
    ["claude", "ANTHROPIC_BASE_URL"],
    ["codex", "OPENAI_BASE_URL"],
    ["amp", "AMP_URL"],
  ])("of %s that is down is told so, and which variable names it", async (agent, variable) => {
    const env = { [variable]: "http://user:secret@127.0.0.1:1" };
    const found = check(await examined({ ...(agent && { agent }), env }), "endpoint");
    expect(found).toMatchObject({ status: "failed", cure: expect.stringContaining(variable) });
    expect(found.detail).toContain("http://127.0.0.1:1");
    expect(found.detail).not.toContain("secret");
  });

  it("that does not answer in time is not reachable", async () => {
    await using server = await answering(0);
    const report = await examined({ env: { ANTHROPIC_BASE_URL: server.url }, limitMs: 300 });
    expect(check(report, "endpoint")).toMatchObject({ status: "failed" });
  });

  it("whose address is none is told so", async () => {
    const report = await examined({ env: { ANTHROPIC_BASE_URL: "localhost" } });
    expect(check(report, "endpoint")).toMatchObject({
      status: "failed",
      detail: "the address of the server is none",
    });
  });

  it("is asked through a proxy, unless it is on this machine", async () => {
    await using server = await answering(200);
    await using proxy = await RecordingProxy.start(server.port);
    const HTTP_PROXY = `http://${proxy.host}`;
    const far = { HTTP_PROXY, ANTHROPIC_BASE_URL: "http://model.example" };
    expect(check(await examined({ env: far }), "endpoint").status).toBe("ok");
    expect(proxy.requests).toHaveLength(1);
    const near = { HTTP_PROXY, ANTHROPIC_BASE_URL: server.url };
    expect(check(await examined({ env: near }), "endpoint").status).toBe("ok");
    expect(proxy.requests).toHaveLength(1);
  });

  it("that OpenCode's user has configured is the one that is asked", async () => {
    await using server = await answering(404);
    const options = { baseURL: `${server.url}/v1` };
    const files = { ".config/opencode/opencode.json": { provider: { local: { options } } } };
    const report = await examined({ agent: "opencode", files, checkKey: true });
    expect(check(report, "endpoint")).toMatchObject({ status: "ok" });
    expect(check(report, "credentials")).toMatchObject({ status: "ok" });
    expect(check(report, "key")).toMatchObject({ status: "skipped" });
    expect(server.heard.map(({ line }) => line)).toEqual(["GET /v1"]);
  });

  const unknown: [title: string, patient: Patient, detail: RegExp][] = [
    [
      "Codex's user has a provider of their own",
      { agent: "codex", files: { ".codex/config.toml": 'model_provider = "mine"\n' } },
      /config\.toml names a provider/,
    ],
    [
      "Claude's user works through a cloud",
      { env: { CLAUDE_CODE_USE_BEDROCK: "1" } },
      /CLAUDE_CODE_USE_BEDROCK/,
    ],
    [
      "Claude's settings name one",
      { files: { ".claude/settings.json": { env: { ANTHROPIC_BASE_URL: DOWN } } } },
      /its settings name a server/,
    ],
    ["OpenCode has no key", { agent: "opencode" }, /configuration/],
  ];
  it.each(unknown)("is not guessed where %s", async (_, patient, detail) => {
    expect(check(await examined(patient), "endpoint")).toMatchObject({
      status: "skipped",
      detail: expect.stringMatching(detail),
    });
  });
});

describe("a key", () => {
  const asked = async (status: number, patient: Patient = {}, headers = {}) => {
    await using server = await answering(status, headers);
    const env = {
      ANTHROPIC_BASE_URL: server.url,
      OPENAI_BASE_URL: `${server.url}/v1`,
      AMP_URL: server.url,
      ...patient.env,
    };
    const report = await examined({ ...patient, env, checkKey: true });
    expect(JSON.stringify(report)).not.toContain(KEY);
    const { heard } = server;
    return {
      report,
      found: check(report, "key"),
      call: heard.find(({ line }) => !/ \/(v1)?$/.test(line)),
    };
  };

  it.each<[patient: Patient, line: string, header: string, value: string]>([
    [{ env: { ANTHROPIC_API_KEY: KEY } }, "GET /v1/models?limit=1", "x-api-key", KEY],
    [
      { env: { CLAUDE_CODE_OAUTH_TOKEN: KEY } },
      "GET /v1/models?limit=1",
      "authorization",
      `Bearer ${KEY}`,
    ],
    [
      { agent: "codex", env: { OPENAI_API_KEY: KEY } },
      "GET /v1/models",
      "authorization",
      `Bearer ${KEY}`,
    ],
    [
      { agent: "amp", env: { AMP_API_KEY: KEY } },
      "POST /api/internal?getUserInfo",
      "authorization",
      `Bearer ${KEY}`,
    ],
  ])("of %j is tried by one call", async (patient, line, header, value) => {
    const { found, call } = await asked(200, patient);
    expect(found).toMatchObject({ status: "ok" });
    expect(call).toMatchObject({ line, headers: { [header]: value } });
  });

  const env = { ANTHROPIC_API_KEY: KEY };
  it.each([401, 403])("that is refused with %d is told so, with the cure", async (status) => {
    const { found, report } = await asked(status, { env });
    expect(found).toMatchObject({
      status: "failed",
      detail: expect.stringContaining(`refuses the key in the environment (${status})`),
      cure: expect.stringContaining("ANTHROPIC_API_KEY"),
    });
    expect(report.status).toBe("failed");
  });

  it.each([404, 429, 500])("of which %d tells nothing is a warning", async (status) => {
    expect((await asked(status, { env })).found).toMatchObject({ status: "warning" });
  });

  it("is sent to no other server that the first one names", async () => {
    await using other = await answering(200);
    const { found } = await asked(302, { env }, { location: `${other.url}/v1/models` });
    expect(found.status).toBe("warning");
    expect(other.heard).toEqual([]);
  });

  it("that is not there is not tried", async () => {
    const { found, report, call } = await asked(200);
    expect(found).toMatchObject({ status: "skipped", detail: "there is no key of anthropic" });
    expect(check(report, "credentials")).toMatchObject({
      status: "failed",
      cure: expect.stringContaining("ANTHROPIC_API_KEY"),
    });
    expect(call).toBeUndefined();
  });

  it("of a login that the agent has to renew is not tried", async () => {
    const claudeAiOauth = { accessToken: KEY, refreshToken: "r", expiresAt: 1 };
    const files = { ".claude/.credentials.json": { claudeAiOauth } };
    const { found, report } = await asked(401, { files });
    expect(found).toMatchObject({ status: "skipped" });
    expect(check(report, "credentials")).toMatchObject({
      status: "ok",
      detail: expect.stringContaining("renewed first"),
    });
  });

  it("is tried only where that is asked for", async () => {
    await using server = await answering(200);
    await examined({ env: { ...env, ANTHROPIC_BASE_URL: server.url } });
    expect(server.heard.map(({ headers }) => headers["x-api-key"])).toEqual([undefined]);
  });
});

it("each agent but the one inside the daemon can be examined", () => {
  const agents = [...allAgents().values()].filter(({ recipe }) => recipe);
  expect(agents.filter(({ health, keyStore }) => !health || !keyStore)).toEqual([]);
});
