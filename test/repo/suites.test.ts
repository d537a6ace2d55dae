import { matchesGlob } from "node:path";
import { expect, it } from "vitest";
import { suites } from "../executable/suites.ts";
import { agentsLane } from "../lanes.ts";
import { repositoryFiles } from "./files.ts";

it.each(suites)("%s names tests that start whole processes", async (pattern) => {
  const files = (await repositoryFiles()).filter((path) => matchesGlob(path, pattern));
  expect(files).not.toEqual([]);
  for (const file of files) {
    expect(agentsLane.filter((lane) => matchesGlob(file, lane))).not.toEqual([]);
  }
});
