import { expect, it } from "vitest";
import { parseSize } from "../../src/cli/size.ts";

it.each([
  ["1", 1],
  ["1048576", 1_048_576],
  ["512MiB", 512 * 1024 ** 2],
  ["512mb", 512 * 1024 ** 2],
  ["512 M", 512 * 1024 ** 2],
  ["64k", 64 * 1024],
  ["1g", 1024 ** 3],
  [" 2GiB ", 2 * 1024 ** 3],
])("the size %j means %d bytes", (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

it.each([
  "",
  "0",
  "0MiB",
  "-1",
  "1.5GiB",
  "MiB",
  "1TiB",
  "1MiBs",
  "0x10",
  "9007199254740993",
  "9e9",
])("the text %j is no size", (text) => {
  expect(parseSize(text)).toBeUndefined();
});
