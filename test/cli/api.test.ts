import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SandboxAgent } from "../../src/index.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { freePort } from "../support/free-port.ts";
import { temporaryHome, type TemporaryHome } from "../support/sandbox.ts";
import { PIXEL_PNG } from "../support/pixel.ts";
import { program, shellCommand } from "../support/program.ts";
import { type Run, runMain } from "./main.ts";

const TOKEN = "s3cret";
const ENV = { SANDBOX_AGENT_TOKEN: TOKEN };

let home: TemporaryHome;
let daemon: Daemon;
let client: SandboxAgent;

beforeAll(async () => {
  home = await temporaryHome();
  daemon = await startDaemon({ home, args: ["--token", TOKEN, "--offline"] });
  client = await SandboxAgent.connect({ baseUrl: daemon.url, token: TOKEN });
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

/** Runs `api …` against the daemon; `␣` stands for a space within a word. */
function api(line: string, env: Record<string, string> = {}): Promise<Run> {
  const args = line.split(" ").map((word) => word.replaceAll("␣", " "));
  return runMain(home, ["api", ...args], { ...ENV, SANDBOX_AGENT_ENDPOINT: daemon.url, ...env });
}

/** What a command prints as JSON; it must succeed and say nothing else. */
async function json(line: string): Promise<unknown> {
  const { exitCode, stdout, stderr } = await api(line);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const value: unknown = JSON.parse(stdout);
  expect(stdout).toBe(JSON.stringify(value, null, 2));
  return value;
}

async function silently(line: string): Promise<void> {
  expect(await api(line)).toEqual({ exitCode: 0, stdout: "", stderr: "" });
}

/** Waits until so many events of a type are in a session's log. */
async function until(id: string, type: string, count = 1): Promise<void> {
  let found = 0;
  const signal = AbortSignal.timeout(60_000);
  for await (const event of client.streamEvents(id, {}, signal)) {
    if (event.type === type && ++found === count) return;
  }
}

describe("api agents", () => {
  it("list, modes and models print what the daemon answers", async () => {
    expect(await json("agents list")).toMatchObject({
      agents: [{ id: "claude" }, {}, {}, {}, { id: "mock" }],
    });
    expect(await json("agents modes mock")).toMatchObject({
      modes: [{ id: "build" }, { id: "plan" }],
    });
    expect(await json("agents models mock")).toEqual({
      models: [{ id: "mock", name: "Mock" }],
      defaultModel: "mock",
    });
  });

  it("doctor prints the report", async () => {
    const report = await json("agents doctor mock --check-key");
    expect(report).toMatchObject({ agent: "mock", status: "ok" });
  });

  it("install prints nothing when it is done, and why it could not be done", async () => {
    await silently("agents install mock");
    await silently("agents install mock --reinstall");
    const { exitCode, stdout, stderr } = await api("agents install claude");
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain('"type": "urn:sandbox-agent:error:agent_not_installed"');
    expect(stderr.split("\n").at(-1)).toMatch(/^sandbox-agent: Agent Not Installed: .*--offline/);
  });
});

describe("api sessions", () => {
  it("a session is created as the options say, listed, shown and deleted", async () => {
    const id = "a␣b%2F?#ü";
    expect(
      await json(
        `sessions create ${id} -a mock -g plan -p bypass -m mock --directory . --title My␣work --env A=1=2 --env B=`,
      ),
    ).toEqual({ healthy: true, nativeSessionId: "mock-a b%2F?#ü" });
    expect(await json(`sessions get ${id}`)).toMatchObject({
      sessionId: "a b%2F?#ü",
      agentMode: "plan",
      permissionMode: "bypass",
      model: "mock",
      directory: home.work,
      title: "My work",
    });
    const { sessions } = (await json("sessions list")) as { sessions: { sessionId: string }[] };
    expect(sessions.map(({ sessionId }) => sessionId)).toContain("a b%2F?#ü");
    await silently(`sessions delete ${id}`);
    expect(await api(`sessions get ${id}`)).toMatchObject({ exitCode: 1, stdout: "" });
  });

  it("an image that an event names is written into a file", async () => {
    await json("sessions create painter -a mock --directory .");
    await api("sessions send-message-stream painter -m image");
    const told = JSON.stringify((await client.getEvents("painter")).events);
    const [path = ""] = /\w+\/image\.png/.exec(told) ?? [];
    const made = join(home.work, path);
    await mkdir(dirname(made), { recursive: true });
    await writeFile(made, PIXEL_PNG, "base64");
    const output = join(home.work, "fetched.png");
    await silently(`sessions image painter ${path} -o ${output}`);
    expect(await readFile(output, "base64")).toBe(PIXEL_PNG);
    const refused = await api(`sessions image painter /etc/passwd -o ${output}`);
    expect(refused).toMatchObject({ exitCode: 1 });
    expect(refused.stderr).toContain("no event of this session names such an image");
  });

  it("MCP servers and skills are handed on, and the daemon says what it thinks of them", async () => {
    const file = join(home.work, "mcp.json");
    await writeFile(file, JSON.stringify({ tiny: { type: "local", command: "tiny" } }));
    const mcp = await api(`sessions create m -a mock --mcp-config ${file}`);
    expect(mcp).toMatchObject({ exitCode: 1, stdout: "" });
    expect(mcp.stderr).toContain("mcp");
    const skill = await api("sessions create m -a mock --skill /skills/one --skill /skills/two");
    expect(skill).toMatchObject({ exitCode: 1, stdout: "" });
    expect(skill.stderr).toContain("skills");
    await writeFile(file, "tiny");
    const broken = await api(`sessions create m -a mock --mcp-config ${file}`);
    expect(broken).toMatchObject({ exitCode: 1, stdout: "" });
    expect(broken.stderr).toBe(`sandbox-agent: ${file} is no JSON`);
  });

  it("a message is answered in the events, of which a part can be asked for", async () => {
    await json("sessions create said -a mock");
    await writeFile(join(home.work, "note.txt"), "note");
    await silently("sessions send-message said -m hello --attach note.txt");
    await until("said", "turn.ended");
    const all = (await json("sessions get-messages said")) as { events: { sequence: number }[] };
    expect(JSON.stringify(all)).toContain(join(home.work, "note.txt"));
    const part = await json("sessions events said --offset 2 --limit 2 --include-raw");
    expect(part).toMatchObject({ events: [{ sequence: 3 }, { sequence: 4 }], hasMore: true });
    const type = all.events.map(({ sequence }) => sequence);
    expect(type).toEqual(type.map((_, index) => index + 1));
  });

  it("a turn is printed readably, or one event a line", async () => {
    await json("sessions create turn -a mock");
    const readable = await api("sessions send-message-stream turn -m hello");
    expect(readable).toMatchObject({ exitCode: 0, stderr: "" });
    expect(readable.stdout).toMatch(/^> hello\n\nhello\n\ncompleted · \d\.\d s$/);
    const lines = await api("sessions send-message-stream turn -m hello --json --include-raw");
    const events = lines.stdout.split("\n").map((line) => JSON.parse(line) as { type: string });
    expect(events.map(({ type }) => type)).toEqual([
      "turn.started",
      "item.started",
      "item.completed",
      "item.started",
      "item.delta",
      "item.completed",
      "turn.ended",
    ]);
  });

  it("events are printed as they come, until the session ends", async () => {
    await json("sessions create live -a mock");
    const child = execa(
      program.file,
      [...program.args, "api", "sessions", "events-sse", "live", "--json"],
      {
        cwd: home.work,
        env: { ...home.env, ...ENV, SANDBOX_AGENT_ENDPOINT: daemon.url },
        extendEnv: false,
        stdin: "ignore",
      },
    );
    const types: string[] = [];
    for await (const line of child.iterable()) {
      const { type } = JSON.parse(line) as { type: string };
      types.push(type);
      // Printed while the stream is open: only now somebody ends the session.
      if (type === "session.started") await silently("sessions send-message live -m hello");
      if (type === "turn.ended") await silently("sessions terminate live");
    }
    expect((await child).exitCode).toBe(0);
    expect(types.at(-1)).toBe("session.ended");
    const readable = await api("sessions events-sse live --offset 1");
    expect(readable.stdout).toMatch(/^> hello\n\nhello\n\n.*\n\nsession ended, terminated$/);
  });

  it("a turn is interrupted, and the session goes on", async () => {
    await json("sessions create stop -a mock");
    await silently("sessions send-message stop -m demo");
    await silently("sessions interrupt stop");
    await until("stop", "turn.ended");
    expect(await json("sessions get stop")).toMatchObject({ status: "idle" });
  });

  it("permissions and questions are answered", async () => {
    await json("sessions create asked -a mock");
    await silently("sessions send-message asked -m permission");
    await until("asked", "permission.requested", 2);
    await silently("sessions reply-permission asked mock_1_permission --reply ALWAYS");
    await silently("sessions reply-permission asked mock_1_permission_denied -r reject");
    await until("asked", "turn.ended");
    await silently("sessions send-message asked -m question");
    await until("asked", "question.requested", 2);
    await silently('sessions reply-question asked mock_2_question -a [["Red"]]');
    await silently("sessions reject-question asked mock_2_question_reject");
    await until("asked", "turn.ended", 2);
    const { events } = await client.getEvents("asked");
    const resolved = events.flatMap(({ type, data }) => (type.endsWith(".resolved") ? [data] : []));
    expect(resolved).toMatchObject([
      { status: "accept_for_session" },
      { status: "reject" },
      { status: "answered", answers: [["Red"]] },
      { status: "rejected" },
    ]);
  });
});

describe("what goes wrong", () => {
  it("the daemon's problem is shown, then a line for people", async () => {
    const { exitCode, stdout, stderr } = await api("sessions get nobody");
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    const lines = stderr.split("\n");
    expect(lines.at(-1)).toBe("sandbox-agent: Session Not Found: session not found: nobody");
    expect(JSON.parse(lines.slice(0, -1).join("\n"))).toMatchObject({ status: 404 });
  });

  it.each([
    ["none", "--no-token"],
    ["another", "--token other"],
  ])("%s instead of the token is told with the cure", async (_, option) => {
    const { exitCode, stderr } = await api(`agents list ${option}`);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      "give the daemon's token by --token-file, --token or SANDBOX_AGENT_TOKEN",
    );
    expect(stderr).not.toContain(TOKEN);
  });

  it("the token may stand anywhere, and typed counts before the variable", async () => {
    const run = (...args: string[]) =>
      runMain(home, args, { SANDBOX_AGENT_TOKEN: "wrong", SANDBOX_AGENT_ENDPOINT: daemon.url });
    expect((await run("-t", TOKEN, "api", "agents", "list")).exitCode).toBe(0);
    expect((await run("api", "agents", "list", "-t", TOKEN)).exitCode).toBe(0);
    expect((await run("api", "agents", "list")).exitCode).toBe(1);
  });

  it("slashes after the endpoint are left out", async () => {
    const { exitCode } = await api(`agents list -e ${daemon.url}///`);
    expect(exitCode).toBe(0);
  });

  it("a daemon that is not there is told with the cure", async () => {
    const port = await freePort();
    const { exitCode, stdout, stderr } = await api(`agents list -e http://127.0.0.1:${port}`);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(
      /^sandbox-agent: no daemon answers at http:\/\/127\.0\.0\.1:\d+ \(connection refused\): .*`sandbox-agent daemon start`.*$/,
    );
  });

  it.each([
    ["api", "Usage: sandbox-agent api"],
    ["api agents", "Usage: sandbox-agent api agents"],
    ["api sessions", "Usage: sandbox-agent api sessions"],
    ["api sessions nonsense", "nonsense"],
    ["api sessions create s", "--agent"],
    ["api sessions create s -a mock --env A", "NAME=VALUE"],
    ["api sessions send-message s", "--message"],
    ["api sessions events s --offset -1", "whole number"],
    ["api sessions reply-permission s p", "--reply"],
    ["api sessions reply-permission s p -r maybe", "once, always, reject"],
    ["api sessions reply-question s q -a Red", '[["Red"]'],
    ["api agents list -e localhost:2468", "http://"],
  ])("%s is a usage error: stderr says it, exit code 2", async (line, said) => {
    const { exitCode, stdout, stderr } = await runMain(home, line.split(" "));
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(said);
  });

  it("Ctrl-C ends a stream with 130", async () => {
    await json("sessions create held -a mock");
    const args = [...program.args, "api", "sessions", "events-sse", "held"];
    const child = execa(program.file, args, {
      env: { ...home.env, ...ENV, SANDBOX_AGENT_ENDPOINT: daemon.url },
      extendEnv: false,
      reject: false,
    });
    await silently("sessions send-message held -m hello");
    for await (const line of child.iterable())
      if (line.startsWith("completed")) child.kill("SIGINT");
    expect(await child).toMatchObject({ exitCode: 130, stderr: "" });
  });

  it("a reader who leaves ends a stream quietly", async () => {
    await json("sessions create left -a mock");
    const script = `${shellCommand(program)} api sessions events-sse left --json | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const child = execa("bash", ["-c", script], {
      env: { ...home.env, ...ENV, SANDBOX_AGENT_ENDPOINT: daemon.url },
      extendEnv: false,
    });
    await until("left", "session.started");
    await silently("sessions send-message left -m hello");
    const { stdout, stderr } = await child;
    expect(stderr).toBe("");
    expect(stdout.split("\n")).toEqual([expect.stringContaining("session.started"), "141"]);
  });
});
