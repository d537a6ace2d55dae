import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asUser, findChildUser } from "../../src/io/child-user.ts";

const PASSWD = `root:x:0:0:root:/root:/bin/bash
# a comment
agent:x:1001:1002:The agent:/home/agent:/bin/zsh
broken:x:abc:1:::
bare:x:1003:1003:::
toor:x:0:0:another root:/root:/bin/sh
`;
let folder: string;
let passwd: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "child-user-"));
  passwd = join(folder, "passwd");
  await writeFile(passwd, PASSWD);
  // A substitute for setpriv: runs the command after `--` as the present user.
  const script = '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n';
  await writeFile(join(folder, "setpriv"), script, { mode: 0o755 });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

function find(name: string, { uid = 0, path = folder, probe = "/bin/true" } = {}) {
  return findChildUser(name, { path, probe: { file: probe, args: [] }, passwd, uid });
}

describe("findChildUser", () => {
  it.each(["agent", "1001"])("finds %s", (name) => {
    expect(find(name)).toEqual({
      name: "agent",
      uid: 1001,
      gid: 1002,
      home: "/home/agent",
      shell: "/bin/zsh",
      setpriv: join(folder, "setpriv"),
    });
  });

  it("gives a user without home and shell the usual ones", () => {
    expect(find("bare")).toMatchObject({ home: "/", shell: "/bin/sh" });
  });

  it.each([
    ["nobody-here", {}, "has no such user"],
    ["broken", {}, "has no such user"],
    ["", {}, "has no such user"],
    ["root", {}, "other than root"],
    ["toor", {}, "other than root"],
    ["0", {}, "other than root"],
    ["agent", { uid: 1001 }, "requires a daemon that root starts"],
    ["agent", { path: "/nonexistent" }, "requires setpriv"],
    ["agent", { probe: "/bin/false" }, "agent cannot start /bin/false: exit code 1"],
  ])("rejects %j with %j", (name, options, reason) => {
    expect(() => find(name, options)).toThrow(reason);
  });
});

it("asUser sets both ids and the user's own groups", () => {
  const user = find("agent");
  expect(asUser(user, { file: "/bin/claude", args: ["-p"] })).toEqual({
    file: join(folder, "setpriv"),
    args: ["--reuid=1001", "--regid=1002", "--init-groups", "--", "/bin/claude", "-p"],
  });
});
