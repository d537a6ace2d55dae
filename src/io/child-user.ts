import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { findExecutable } from "./executable.ts";
import type { Command } from "./parent-death.ts";

const CHECK_MS = 10_000;

/** The system user that children run as. */
export interface ChildUser {
  name: string;
  uid: number;
  gid: number;
  home: string;
  shell: string;
  /** The path of the `setpriv` of util-linux. */
  setpriv: string;
}

/** Inputs of the search for a user. */
interface FindOptions {
  path: string | undefined;
  /** A program that the user must be able to start. */
  probe: Command;
  passwd?: string;
  /** The user id of this process. */
  uid?: number | undefined;
}

/**
 * Finds the user to start children as, and tries it once.
 *
 * @throws Error if this process does not run as root, if the user does not exist or is root, if
 *   `setpriv` is missing, or if the user cannot start `probe`.
 */
export function findChildUser(
  nameOrUid: string,
  { path, probe, passwd = "/etc/passwd", uid = process.getuid?.() }: FindOptions,
): ChildUser {
  if (uid !== 0) throw new Error("--agent-user requires a daemon that root starts");
  const found = lookUp(nameOrUid, readFileSync(passwd, "utf8"));
  if (!found) throw new Error(`--agent-user ${nameOrUid}: ${passwd} has no such user`);
  if (found.uid === 0) throw new Error("--agent-user must name a user other than root");
  const setpriv = findExecutable("setpriv", { cwd: "/", path: path ?? "/usr/bin:/bin" });
  if ("failure" in setpriv) throw new Error("--agent-user requires setpriv, which util-linux has");
  const user = { ...found, setpriv: setpriv.file };
  const { file, args } = asUser(user, probe);
  const tried = spawnSync(file, args, { cwd: "/", env: {}, timeout: CHECK_MS, encoding: "utf8" });
  if (tried.status === 0) return user;
  const reason = (tried.error?.message ?? tried.stderr).trim() || `exit code ${tried.status}`;
  throw new Error(`--agent-user: ${user.name} cannot start ${probe.file}: ${reason}`);
}

/** Wraps a command so that it runs as the user, with the same pid and streams. */
export function asUser({ setpriv, uid, gid }: ChildUser, { file, args }: Command): Command {
  const ids = [`--reuid=${uid}`, `--regid=${gid}`, "--init-groups"];
  return { file: setpriv, args: [...ids, "--", file, ...args] };
}

/** The environment variables that describe the user to programs. */
export function userVariables({ name, home, shell }: ChildUser): Record<string, string> {
  return { HOME: home, USER: name, LOGNAME: name, SHELL: shell };
}

function lookUp(nameOrUid: string, passwd: string): Omit<ChildUser, "setpriv"> | undefined {
  const numeric = /^\d+$/.test(nameOrUid);
  for (const line of passwd.split("\n")) {
    const [name = "", , uid = "", gid = "", , home = "", shell = ""] = line.split(":");
    if (!/^\d+$/.test(uid) || !/^\d+$/.test(gid)) continue;
    if ((numeric ? uid : name) !== nameOrUid) continue;
    return {
      name,
      uid: Number(uid),
      gid: Number(gid),
      home: home || "/",
      shell: shell || "/bin/sh",
    };
  }
  return undefined;
}
