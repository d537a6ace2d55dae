import { expect, it } from "vitest";
import { origins } from "../../src/cli/options.ts";

it.each([
  ["https://a.example", "https://a.example"],
  ["https://a.example/", "https://a.example"],
  ["https://A.Example", "https://a.example"],
  ["HTTPS://a.example:443", "https://a.example"],
  ["http://localhost:5173/", "http://localhost:5173"],
  ["http://[::1]:3000", "http://[::1]:3000"],
  ["https://bücher.example", "https://xn--bcher-kva.example"],
  ["chrome-extension://abcdefgh", "chrome-extension://abcdefgh"],
  ["*", "*"],
  ["null", "null"],
])("the origin %j is compared as %j", (value, sent) => {
  expect(origins(value, ["https://b.example"])).toEqual(["https://b.example", sent]);
});
