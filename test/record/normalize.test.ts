import { describe, expect, it } from "vitest";
import { normalizeClaude } from "./claude/normalize.ts";
import { normalizeCodex } from "./codex/normalize.ts";
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
