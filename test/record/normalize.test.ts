import { describe, expect, it } from "vitest";
import { normalizeClaude } from "./claude/normalize.ts";
import { normalizeCodex } from "./codex/normalize.ts";
import { normalizeOpencode } from "./opencode/normalize.ts";
import { numberUuids, replacePlace } from "./normalize.ts";

const place = {
  home: "/tmp/sa-x1/home",
  work: "/tmp/sa-x1/work",
  root: "/tmp/sa-x1",
  model: "http://127.0.0.1:45678",
};
const codexPlace = { ...place, executable: "/cache/codex/1.0.0", fixtures: "/repo/test/fixtures" };
const ONE = "8c1f1f5e-0d8b-4b0a-9d3c-2f6a3b1c0001";
const TWO = "01a20e88-3f03-7020-8ab3-c8aab6a60002";

const normalized = (line: object) =>
  JSON.parse(normalizeClaude([JSON.stringify(line)], place)[0] ?? "") as unknown;
const normalizedCodex = (...lines: object[]) =>
  normalizeCodex(
    lines.map((line) => JSON.stringify(line)),
    codexPlace,
  ).map((line) => JSON.parse(line) as unknown);

describe("the place of a recording", () => {
  it("is replaced in paths, in folder names made of paths, and in addresses", () => {
    const text = `${place.work}/a ${place.home}/b -tmp-sa-x1-work ${place.root}/tmp ${place.model}/v1`;
    expect(replacePlace(text, place)).toBe(
      "/work/project/a /home/dev/b -work-project /sandbox/tmp http://127.0.0.1:9000/v1",
    );
  });
});

describe("UUIDs of a recording", () => {
  it("are numbered in the order of their first occurrence, and the same UUID stays the same", () => {
    expect(numberUuids([`${ONE} ${TWO}`, `${TWO} ${ONE}`], [])).toEqual([
      "00000000-0000-4000-8000-000000000001 00000000-0000-4000-8000-000000000002",
      "00000000-0000-4000-8000-000000000002 00000000-0000-4000-8000-000000000001",
    ]);
  });

  it("of a named key have numbers of their own, also before the key occurs", () => {
    expect(numberUuids([`${ONE} ${TWO}`, `{"session":"${TWO}"}`], ["session"])).toEqual([
      "00000000-0000-4000-8000-000000000001 00000000-0000-4000-8001-000000000001",
      '{"session":"00000000-0000-4000-8001-000000000001"}',
    ]);
  });
});

describe("lines of Claude Code", () => {
  it("lose the long lists of the first lines and keep the same names elsewhere", () => {
    const init = { type: "system", subtype: "init", skills: ["a"], tools: ["Bash"] };
    expect(normalized(init)).toEqual({ ...init, skills: [] });
    const other = { type: "user", skills: ["a"] };
    expect(normalized(other)).toEqual(other);
  });

  it("show constant times, durations, process ids and estimates", () => {
    const line = {
      type: "result",
      timestamp: "2026-11-23T23:52:57.340Z",
      duration_ms: 17,
      durationMs: 18,
      pid: 4711,
      post_tokens: 2546,
      num_turns: 2,
    };
    expect(normalized(line)).toEqual({
      type: "result",
      timestamp: "2026-01-01T00:00:00.000Z",
      duration_ms: 1000,
      durationMs: 1000,
      pid: 1000,
      post_tokens: 1000,
      num_turns: 2,
    });
  });

  it("show numbered ids of tasks, in texts as well", () => {
    const line = { type: "system", task_id: "b4tn8lvbn", text: "see tasks/b4tn8lvbn.output" };
    expect(normalized(line)).toEqual({
      type: "system",
      task_id: "task0001",
      text: "see tasks/task0001.output",
    });
  });

  it("stay the same when they are normalised again", () => {
    const lines = [
      JSON.stringify({ type: "system", session_id: ONE, task_id: "b1", cwd: place.work }),
    ];
    const once = normalizeClaude(lines, place);
    expect(normalizeClaude(once, place)).toEqual(once);
  });
});

describe("a conversation with Codex", () => {
  it("shows constant times and durations, and no absent ones", () => {
    const params = { startedAtMs: 1795540098943, createdAt: 1795540098, completedAt: null };
    expect(
      normalizedCodex({ from: "server", line: { params: { ...params, durationMs: 5 } } }),
    ).toEqual([
      {
        from: "server",
        line: {
          params: {
            startedAtMs: 1767225600000,
            createdAt: 1767225600,
            completedAt: null,
            durationMs: 1000,
          },
        },
      },
    ]);
  });

  it("shows numbered processes, the same in both directions", () => {
    const listed = { line: { result: { data: [{ processId: "62176" }, { processId: "7168" }] } } };
    expect(normalizedCodex(listed, { line: { params: { processId: "7168" } } })).toEqual([
      { line: { result: { data: [{ processId: "1001" }, { processId: "1002" }] } } },
      { line: { params: { processId: "1002" } } },
    ]);
  });

  it("hides the host and its installation, but not the servers of tools", () => {
    const status = { serverName: "vm-17", installationId: ONE };
    expect(normalizedCodex({ params: status }, { params: { serverName: "tiny" } })).toEqual([
      { params: { serverName: "host", installationId: "00000000-0000-4000-8000-000000000000" } },
      { params: { serverName: "tiny" } },
    ]);
    const agent = "tests/0.1.0 (Debian 12.0.0; x86_64) xterm (tests; 1.0.0)";
    expect(normalizedCodex({ userAgent: agent })).toEqual([
      { userAgent: "tests/0.1.0 (Linux; x86_64) unknown (tests; 1.0.0)" },
    ]);
  });

  it("names no folder of this machine", () => {
    const path = `${place.home}/.codex/sessions/2026/11/24/rollout-2026-11-24T17-08-18-${TWO}.jsonl`;
    const files = [path, `${codexPlace.executable}/bin/codex`, `${codexPlace.fixtures}/bin/x.mjs`];
    expect(normalizedCodex({ files })).toEqual([
      {
        files: [
          "/home/dev/.codex/sessions/2026/01/01/rollout-2026-01-01T00-00-00-00000000-0000-4000-8000-000000000001.jsonl",
          "/opt/codex/bin/codex",
          "/fixtures/bin/x.mjs",
        ],
      },
    ]);
  });
});

describe("a conversation with OpenCode", () => {
  const SESSION = "ses_df164ac4effe6EMMZlXwuHzT02";
  const MESSAGE = "msg_20e9b540b0014kaoVOr08iuA2R";
  const event = (type: string, properties: object = {}) => ({
    from: "event",
    event: { payload: { id: "evt_20e9b52bd001I1PVHzu8JUJui7", type, properties } },
  });
  const normalizedOpencode = (...lines: object[]) =>
    normalizeOpencode(
      lines.map((line) => JSON.stringify(line)),
      place,
    ).map((line) => JSON.parse(line) as unknown);

  it("shows numbered ids, the same in requests and events, and one id of all events", () => {
    const path = `/session/${SESSION}/abort`;
    expect(
      normalizedOpencode(
        event("message.updated", { sessionID: SESSION, id: MESSAGE }),
        event("session.idle", { sessionID: "ses_df164ac4effe6EMMZlXwuHzT03" }),
        { from: "client", request: { method: "POST", path } },
      ),
    ).toEqual([
      {
        from: "event",
        event: {
          payload: {
            id: "evt_000000000000",
            type: "message.updated",
            properties: { sessionID: "ses_000000000001", id: "msg_000000000001" },
          },
        },
      },
      {
        from: "event",
        event: {
          payload: {
            id: "evt_000000000000",
            type: "session.idle",
            properties: { sessionID: "ses_000000000002" },
          },
        },
      },
      {
        from: "client",
        request: { method: "POST", path: "/session/ses_000000000001/abort" },
      },
    ]);
  });

  it("shows constant times, the end a second after the start, and keeps other numbers", () => {
    const time = { start: 1795541390347, end: 1795541390351, created: 1795541390347 };
    const headers = { date: "Tue, 24 Nov 2026 17:36:37 GMT" };
    expect(normalizedOpencode({ from: "server", body: { time, headers, cost: 3 } })).toEqual([
      {
        from: "server",
        body: {
          time: { start: 1767225600000, end: 1767225601000, created: 1767225600000 },
          headers: { date: "Thu, 01 Jan 2026 00:00:00 GMT" },
          cost: 3,
        },
      },
    ]);
  });

  it("names no folder of this machine, also relative to the root", () => {
    const paths = ["tmp/sa-x1/work/a.txt", "/tmp/sa-x1/*", "tmp/sa-x1/home/.local"];
    const plan = "plans/1795541687192-crisp-cabin.md";
    const body = { paths, slug: "crisp-cabin", question: `Plan at ${plan}` };
    expect(normalizedOpencode({ from: "server", body })).toEqual([
      {
        from: "server",
        body: {
          paths: ["work/project/a.txt", "/sandbox/*", "home/dev/.local"],
          slug: "session",
          question: "Plan at plans/1767225600000-session.md",
        },
      },
    ]);
  });

  it("lacks copies of events and heartbeats unless they are kept", () => {
    const lines = ["sync", "plugin.added", "server.heartbeat", "session.idle"].map((type) =>
      JSON.stringify(event(type)),
    );
    const types = (keeps?: ["sync"]) =>
      normalizeOpencode(lines, place, keeps).map((line) => /"type":"([\w.]+)"/.exec(line)?.[1]);
    expect(types()).toEqual(["session.idle"]);
    expect(types(["sync"])).toEqual(["sync", "session.idle"]);
  });

  it("lacks the prompts of agents and the templates of commands, but not those of calls", () => {
    const agent = { name: "plan", native: true, permission: [1], prompt: "Long." };
    const command = { name: "init", hints: [], template: "Long." };
    const call = { info: {}, parts: [{ input: { prompt: "Find it" } }] };
    expect(
      normalizedOpencode(
        { from: "server", body: [agent] },
        { from: "server", body: [command] },
        { from: "server", body: [call] },
      ),
    ).toEqual([
      { from: "server", body: [{ ...agent, permission: [], prompt: "" }] },
      { from: "server", body: [{ ...command, template: "" }] },
      { from: "server", body: [call] },
    ]);
  });

  it("stays the same when it is normalised again", () => {
    const lines = [event("session.idle", { sessionID: SESSION, time: 1795541390347 })];
    const once = normalizeOpencode(
      lines.map((line) => JSON.stringify(line)),
      place,
    );
    expect(normalizeOpencode(once, place)).toEqual(once);
  });
});
