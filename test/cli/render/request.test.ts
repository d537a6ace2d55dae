import { expect, it } from "vitest";
import { permissionLines } from "../../../src/cli/render/request.ts";
import { createStyle } from "../../../src/cli/render/style.ts";

const plain = createStyle({}, {});
/** Without the code points a terminal shows `echo safe# touch sneaky.txt && touch sneaky.txt`. */
const spoofed = "echo safe\u200b# \u202etxt.yaknaes hcuot\u202c && touch sneaky.txt";
const long = Array.from({ length: 300 }, (_, index) => `line ${index} ${"x".repeat(300)}`);

it.each([
  ["a command of several lines", { command: "cd /\nrm -rf *" }, ["$ cd /", "> rm -rf *"]],
  ["a command in words", { command: ["rm", "-rf", "/"] }, ["$ rm -rf /"]],
  [
    "how the command is run",
    { command: "ls", input: { command: "ls", dangerouslyDisableSandbox: true } },
    ["$ ls", "dangerouslyDisableSandbox: true"],
  ],
  ["the paths, each once", { path: "/a", paths: ["/a", "/b"] }, ["/a", "/b"]],
  [
    "the diff",
    { paths: ["/a"], diff: "--- /a\n+++ /a\n@@ -1 +1 @@\n-x\n+y\n" },
    ["/a", "@@ -1 +1 @@", "-x", "+y"],
  ],
  [
    "the change that the input tells",
    { paths: ["/a"], input: { filePath: "/a", oldString: "x", newString: "y\nz" } },
    ["/a", "-x", "+y", "+z"],
  ],
  [
    "a command that imitates another one, character by character",
    { command: spoofed },
    ["$ echo safe<U+200B># <U+202E>txt.yaknaes hcuot<U+202C> && touch sneaky.txt"],
  ],
  ["a word of a command that holds a space", { command: ["rm", "a b"] }, ["$ rm 'a b'"]],
  ["a path in one line", { paths: ["/safe\n/etc"] }, ["/safe<U+000A>/etc"]],
  ["a folder that is granted", { grantRoot: "/" }, ["writing to everything below /"]],
  ["whatever the input holds", { input: { url: "http://x", n: [1] } }, ["url: http://x", "n: [1]"]],
  [
    "long content to its last letter",
    { input: { content: long.join("\n") } },
    long.map((line) => `+${line}`),
  ],
  [
    "long diffs to the last letter",
    { diff: long.map((line) => `+${line}\n`).join("") },
    long.map((line) => `+${line}`),
  ],
  ["nothing where nothing is known", null, []],
])("a permission shows %s", (_, metadata, lines) => {
  const request = { permission_id: "p", action: "act", status: "requested", metadata } as const;
  expect(permissionLines(plain, request)).toEqual([
    "? act asks for permission",
    ...lines.map((line) => `  ${line}`),
  ]);
});

it("a permission shows who asks, and why", () => {
  const metadata = { tool: "Bash", reason: "It leaves\nthe folder" };
  const request = { permission_id: "p", action: "act", status: "requested", metadata } as const;
  expect(permissionLines(plain, request)).toEqual([
    "? Bash asks for permission: It leaves ⏎ the folder",
  ]);
});

it("a permission with a giant command shows a bounded part, and how many lines are left out", () => {
  const metadata = { command: "echo x\n".repeat(200_000) };
  const request = { permission_id: "p", action: "act", status: "requested", metadata } as const;
  const lines = permissionLines(plain, request);
  expect(lines.join("").length).toBeLessThan(1_600_000);
  expect(lines.at(-1)).toBe(
    "  > … 400,000 more characters in 57,144 lines are not shown: see the event with --json",
  );
});

it("a permission names its tool in one line", () => {
  const metadata = { tool: "Bash\n  $ ls", command: "rm x" };
  const request = { permission_id: "p", action: "act", status: "requested", metadata } as const;
  expect(permissionLines(plain, request)).toEqual([
    "? Bash<U+000A>  $ ls asks for permission",
    "  $ rm x",
  ]);
});
