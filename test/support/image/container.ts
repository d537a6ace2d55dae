import { readdir, readFile, readlink } from "node:fs/promises";
import { execa } from "execa";
import { vi } from "vitest";
import type { Image } from "./build.ts";
import { inNamespace } from "./namespace.ts";

type Variables = Readonly<Record<string, string>>;

/** How a command ended, and what it said. */
export interface Ended {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of a container, as the machine sees it. */
export interface Inmate {
  readonly pid: number;
  readonly state: string;
  readonly user: number;
  readonly command: string;
}

/** What an image starts, alone in a network of its own. */
export interface Container extends AsyncDisposable {
  /** Its first process, as the machine numbers it. */
  readonly pid: number;
  readonly exited: Promise<Ended>;
  /** Runs a command in it, as the image's user. */
  exec(command: readonly string[], env?: Variables): Promise<Ended>;
  /** All of its processes, zombies too. */
  processes(): Promise<Inmate[]>;
}

function launch(image: Image, env: Variables) {
  const surroundings = { ...image, env: { ...image.env, ...env }, network: "own" } as const;
  const command = [...image.entrypoint, ...image.command];
  return inNamespace(surroundings, command, { reject: false });
}

/** Runs what an image's ENTRYPOINT and CMD say until it has ended by itself. */
export async function runContainer(image: Image, env: Variables): Promise<Ended> {
  const { exitCode, stdout, stderr } = await launch(image, env);
  return { exitCode, stdout, stderr };
}

/** Starts what an image's ENTRYPOINT and CMD say; it goes on until it is ended. */
export async function startContainer(image: Image, env: Variables): Promise<Container> {
  const outside = launch(image, env);
  const pid = await firstProcess(outside.pid ?? 0);
  const namespace = await readlink(`/proc/${pid}/ns/pid`);
  const kill = () => {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  };
  return {
    pid,
    exited: outside.then(({ exitCode, stdout, stderr }) => ({ exitCode, stdout, stderr })),
    async exec(command, more = {}) {
      const place = ["--target", `${pid}`, "--mount", "--pid", "--net", "--ipc", "--root", "--wd"];
      const user = ["--setuid", `${image.user}`, "--setgid", `${image.user}`];
      const { exitCode, stdout, stderr } = await execa(
        "nsenter",
        [...place, ...user, "--", ...command],
        { env: { ...image.env, ...env, ...more }, extendEnv: false, reject: false },
      );
      return { exitCode, stdout, stderr };
    },
    processes: () => inmates(namespace),
    async [Symbol.asyncDispose]() {
      kill();
      await outside;
    },
  };
}

/** The one child of the process that has made the namespace. */
async function firstProcess(parent: number): Promise<number> {
  return await vi.waitUntil(
    async () => {
      const children = await readFile(`/proc/${parent}/task/${parent}/children`, "utf8");
      return Number(children.trim().split(" ")[0]) || undefined;
    },
    { timeout: 10_000 },
  );
}

async function inmates(namespace: string): Promise<Inmate[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map((pid) => inspect(pid, namespace).catch(() => undefined)),
  );
  return found.filter((one) => one !== undefined);
}

async function inspect(pid: number, namespace: string): Promise<Inmate | undefined> {
  if ((await readlink(`/proc/${pid}/ns/pid`)) !== namespace) return undefined;
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8");
  const field = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, "m").exec(status)?.[1] ?? "";
  return {
    pid,
    state: field("State"),
    user: Number(field("Uid")),
    command: command.replaceAll("\0", " ").trim(),
  };
}
