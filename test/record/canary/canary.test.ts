import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { codexRecorder } from "../codex/recorder.ts";
import { fixturesOf, type Recorder } from "../recorder.ts";
import { changedLines, sameEvents } from "./compare.ts";
import { failuresIn } from "./conformance.ts";
import { changedRecordings } from "./recordings.ts";

describe("changed lines", () => {
  it.each([
    [["a", "b"], ["a", "b"], []],
    [
      ["a", "b", "c"],
      ["a", "x", "c"],
      ["-b", "+x"],
    ],
    [["a"], ["a", "b"], ["+b"]],
    [["a", "b"], ["b"], ["-a"]],
    [
      ["a", "b", "c"],
      ["c", "a", "b"],
      ["+c", "-c"],
    ],
    [[], ["a"], ["+a"]],
  ])("of %j and %j are %j", (before, after, changed) => {
    expect(changedLines(before, after)).toEqual(changed);
  });
});

describe("golden events", () => {
  const delta = (text: string, nativeId = "m") => ({ type: "item.delta", nativeId, delta: text });
  const result = (type: string) => ({ type, item: { nativeId: "r", kind: "tool_result" } });
  const same = (before: object[], after: object[]) =>
    sameEvents(JSON.stringify(before), JSON.stringify(after));

  it("are the same whatever the pieces of a text", () => {
    expect(same([delta("a"), delta("b")], [delta("ab")])).toBe(true);
    expect(same([delta("a"), delta("b")], [delta("a"), delta("c")])).toBe(false);
    expect(same([delta("a"), delta("b", "n")], [delta("ab")])).toBe(false);
  });

  it("are the same whether or not the output of a command came before its end", () => {
    const streamed = [result("item.started"), delta("out", "r"), result("item.completed")];
    expect(same(streamed, [result("item.completed")])).toBe(true);
    expect(same(streamed, [])).toBe(false);
  });
});

it("scenarios that do not pass are read from the report with their first line", () => {
  const report = (status: string, failureMessages: string[]) => ({
    testResults: [{ assertionResults: [{ title: "a: b", status, failureMessages }] }],
  });
  expect(failuresIn(JSON.stringify(report("passed", [])))).toEqual([]);
  expect(failuresIn(JSON.stringify(report("failed", ["no\nat x"])))).toEqual([
    { title: "a: b", message: "no" },
  ]);
  expect(failuresIn(JSON.stringify(report("skipped", [])))).toEqual([
    { title: "a: b", message: "skipped" },
  ]);
});

describe("recordings of another release", () => {
  const lines = async () => {
    const text = await readFile(join(fixturesOf("codex"), "text.jsonl"), "utf8");
    return text.split("\n").filter(Boolean);
  };

  async function compared(record: Recorder["record"]) {
    const folder = await mkdtemp(join(tmpdir(), "sa-canary-"));
    try {
      const scenarios = new Map([["text", ["text"]]]);
      return await changedRecordings({ ...codexRecorder, scenarios, record }, folder, () => {});
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  it("that become the committed events have not changed", async () => {
    const changed = await compared(async () => new Map([["text", await lines()]]));
    expect(changed).toEqual([]);
  });

  it("that become other events are shown by their native lines", async () => {
    const after = (await lines()).map((line) => line.replaceAll("Hello ", "Hullo "));
    const [changed, ...others] = await compared(async () => new Map([["text", after]]));
    expect(others).toEqual([]);
    expect(changed?.name).toBe("text");
    expect(changed?.lines.some((line) => line.startsWith("+") && line.includes("Hullo "))).toBe(
      true,
    );
    expect(changed?.lines.some((line) => line.startsWith("-") && line.includes("Hello "))).toBe(
      true,
    );
  });

  it("that differ only once have not changed", async () => {
    let attempts = 0;
    const changed = await compared(async () => {
      attempts += 1;
      const recorded = await lines();
      return new Map([["text", attempts === 1 ? recorded.slice(0, 12) : recorded]]);
    });
    expect({ changed, attempts }).toEqual({ changed: [], attempts: 2 });
  });

  it("that cannot be made are a change, with the reason", async () => {
    const changed = await compared(() => Promise.reject(new Error("it hangs")));
    expect(changed).toEqual([{ name: "text", lines: ["not recorded: Error: it hangs"] }]);
  });
});
