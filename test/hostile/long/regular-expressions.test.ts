import { expect, it } from "vitest";
import { program } from "../../support/program.ts";
import { printRegularExpressions } from "../regular-expressions.ts";

it("1 MiB of foreign text delays the daemon for at most 250 ms", async () => {
  expect(await printRegularExpressions([program])).toBe(true);
});
