import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { SandboxAgent, SandboxAgentError } from "../../../src/index.ts";
import { type Daemon, startDaemon } from "../../support/daemon.ts";
import { expectNoProcesses } from "../../support/processes.ts";
import { type TemporaryHome, temporaryHome } from "../../support/sandbox.ts";
import { StandInExecutable, type StandInId } from "../../support/stand-ins.ts";

const token = "token-of-the-daemon-7d1f";
const ofTheDaemon = {
  ANTHROPIC_API_KEY: "an-anthropic-key-81a2",
  OPENAI_API_KEY: "an-openai-key-93bc",
  AMP_API_KEY: "an-amp-key-0c4d",
  ODD_SECRET: 'a "quoted" \\ secret-5e',
  LONG_TOKEN: `long-${"z".repeat(900)}`,
  PRIVATE_KEY: "-----BEGIN KEY-----\nfirst-line-of-it\nsecond-line-of-it\n",
};
const ofTheSession = { MY_TOKEN: "a-token-of-the-session-6f" };
/** By nothing but their look: they are in no variable whose name tells. */
const looking = {
  MODEL_SERVER: "http://joe:hunter22@127.0.0.1:1/",
  NOTE: "sk-ant-api03-abcdef0123",
};

const secrets = [
  token,
  ...Object.values(ofTheDaemon).flatMap((value) => value.trim().split("\n")),
  // Where it was cut.
  `long-${"z".repeat(100)}`,
  ...Object.values(ofTheSession),
  "hunter22",
  looking.NOTE,
];
/** Each as it is, and as JSON has it. */
const forms = new Set(secrets.flatMap((one) => [one, JSON.stringify(one).slice(1, -1)]));

const agents = ["claude", "codex", "opencode", "amp"] as const satisfies StandInId[];
const faults = [
  "start/tell-all+exit-1",
  "handshake/tell-all+exit-1",
  "ready/tell-all+exit-1",
  "message/tell-all+exit-1",
  "message/tell-all+SIGKILL",
  "turn/tell-all+exit-1",
  "turn/tell-all",
];

interface Surroundings {
  home: TemporaryHome;
  daemon: Daemon;
  client: SandboxAgent;
}

/** An agent that tells all it knows and fails; gives all that its user is told. */
async function fail(
  { home, client }: Surroundings,
  agent: StandInId,
  index: number,
): Promise<string> {
  const fault = faults[index] ?? "";
  const executable = new StandInExecutable(join(home.dir, "agents"), agent, `0.0.${index + 1}`);
  const isEarly = /^(start|handshake|ready)/.test(fault);
  await executable.write(isEarly ? fault : undefined, "always");
  const directory = join(home.work, `${agent}-${index}`);
  await mkdir(directory);
  const agentVersion = executable.version;
  const told: unknown[] = [];
  try {
    // A server that sessions share has no variables of one.
    const env = agent === "claude" || agent === "amp" ? { env: ofTheSession } : {};
    const session = await client.openSession({ agent, agentVersion, directory, ...env });
    for await (const event of session.prompt(isEarly ? "hello" : fault)) told.push(event);
    told.push((await client.getEvents(session.id, { includeRaw: true })).events);
    told.push(await session.info());
  } catch (error) {
    if (!(error instanceof SandboxAgentError)) throw error;
    told.push(error.problem);
  }
  return JSON.stringify(told);
}

it("no key, no token and no password is told by whatever an agent says when it fails", async () => {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({
    home,
    args: ["--log-level", "trace", "--offline", "--install-dir", join(home.dir, "agents")],
    env: { ...ofTheDaemon, ...looking, SANDBOX_AGENT_TOKEN: token },
  });
  const client = await SandboxAgent.connect({ baseUrl: daemon.url, token });
  const surroundings = { home, daemon, client };
  const told = await Promise.all(
    agents.map(async (agent) => {
      let all = "";
      // One after the other: a server that has died is started again after a while.
      for (let index = 0; index < faults.length; index++)
        all += await fail(surroundings, agent, index);
      return all;
    }),
  );
  const headers = { authorization: `Bearer ${token}` };
  const paths = [
    "/metrics",
    "/v1/agents",
    "/v1/sessions",
    ...agents.map((agent) => `/v1/agents/${agent}/doctor`),
    ...agents.map((agent) => `/v1/agents/${agent}/models`),
  ];
  const seen = await Promise.all(
    paths.map(async (path) => (await fetch(daemon.url + path, { headers })).text()),
  );
  await daemon.stop();
  for (const [index, text] of told.entries()) {
    // It did tell, and so was heard.
    expect(text.includes("ANTHROPIC_API_KEY=[redacted]"), agents[index]).toBe(true);
  }
  expect(daemon.stderr()).toContain('"msg":"request"');
  for (const text of [...told, ...seen, daemon.stderr(), daemon.stdout()]) {
    for (const secret of forms) {
      const at = text.indexOf(secret);
      expect(at === -1 ? "" : text.slice(Math.max(0, at - 200), at + 80), secret).toBe("");
    }
  }
  await expectNoProcesses(home.dir);
}, 300_000);
