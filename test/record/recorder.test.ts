import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { all } from "./all.ts";
import { fixturesOf } from "./recorder.ts";

it.each(all)("a new recording of $id becomes the committed golden events", async (recorder) => {
  const lines = (await recorder.record("text")).get("text") ?? [];
  const golden = await readFile(join(fixturesOf(recorder.id), "text.events.json"), "utf8");
  expect(recorder.golden(lines)).toBe(golden);
});
