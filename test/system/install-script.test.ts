import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ReleaseHost, startReleaseHost } from "../support/release-host.ts";
import { type TemporaryHome, temporaryHome } from "../support/sandbox.ts";

const script = join(import.meta.dirname, "../../install.sh");
const PLATFORMS = ["linux-x64", "linux-x64-baseline", "linux-x64-musl", "linux-x64-musl-baseline"];

let host: ReleaseHost;
let home: TemporaryHome;
/** Where it installs unless told otherwise. */
let target: string;

beforeAll(async () => {
  host = await startReleaseHost();
  await host.publish("1.0.0", PLATFORMS);
});

afterAll(() => host[Symbol.asyncDispose]());

beforeEach(async () => {
  home = await temporaryHome();
  target = join(home.dir, ".local/bin");
  host.break(undefined);
  host.requests.length = 0;
  return () => home[Symbol.asyncDispose]();
});

interface Run {
  shell?: string[];
  args?: string[];
  env?: Record<string, string>;
}

/** Runs the script and gives what it printed, and how it ended. */
async function install({ shell = ["sh"], args = [], env = {} }: Run = {}) {
  const [file = "sh", ...before] = shell;
  const { exitCode, stdout, stderr } = await execa(file, [...before, script, ...args], {
    cwd: home.work,
    env: { HOME: home.dir, PATH: home.env["PATH"], SANDBOX_AGENT_BASE_URL: host.url, ...env },
    extendEnv: false,
    reject: false,
    timeout: 25_000,
  });
  return { exitCode, stdout, stderr };
}

async function installed(folder = target): Promise<string> {
  return (await execa(join(folder, "sandbox-agent"), ["--version"])).stdout;
}

/** A folder with nothing in it but these programs of the system. */
async function only(programs: readonly string[]): Promise<string> {
  const folder = join(home.dir, "only");
  await mkdir(folder);
  for (const name of programs) {
    const { stdout } = await execa("which", [name]);
    await symlink(stdout.trim(), join(folder, name));
  }
  return folder;
}

const TOOLS = ["head", "tr", "grep", "uname", "mkdir", "rmdir", "mktemp", "rm", "mv", "chmod"];
const MORE_TOOLS = [...TOOLS, "sed", "cut", "sha256sum", "bash", "sh"];

describe.each([["dash"], ["bash"], ["busybox sh"]])("in %s", (name) => {
  const shell = name.split(" ");

  it("installs, says what to do next, and replaces the version that was there", async () => {
    await host.publish("1.0.0", PLATFORMS);
    const first = await install({ shell });
    expect(first).toMatchObject({ exitCode: 0, stderr: "" });
    expect(first.stdout).toContain(`Installed sandbox-agent 1.0.0 as ${target}/sandbox-agent`);
    expect(first.stdout).toContain(`export PATH="${target}:$PATH"`);
    expect(await installed()).toBe("sandbox-agent 1.0.0");
    await host.publish("1.1.0", PLATFORMS);
    const second = await install({ shell, env: { PATH: `${target}:${home.env["PATH"]}` } });
    expect(second.stdout).toContain("sandbox-agent server --no-token");
    expect(second.stdout).not.toContain("export PATH");
    expect(await installed()).toBe("sandbox-agent 1.1.0");
    expect(await readdir(target)).toEqual(["sandbox-agent"]);
  });

  it.each([
    ["missing", "cannot download"],
    ["altered", "is not what SHA256SUMS promises"],
    ["cut", "cannot download"],
  ] as const)("leaves nothing of a file that is %s", async (fault, message) => {
    host.break(fault);
    const { exitCode, stderr } = await install({ shell });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
    expect(await readdir(home.dir, { recursive: true })).not.toContain(
      expect.stringContaining("sandbox-agent"),
    );
  });

  it("keeps the version that was there when the new one is altered", async () => {
    await install({ shell, args: ["--version", "1.0.0"] });
    host.break("altered");
    expect(await install({ shell })).toMatchObject({ exitCode: 1 });
    expect(await installed()).toBe("sandbox-agent 1.0.0");
    expect(await readdir(target)).toEqual(["sandbox-agent"]);
  });

  it("runs when it is piped into the shell, as the documents say", async () => {
    const { exitCode } = await execa(shell[0] ?? "sh", shell.slice(1), {
      input: await readFile(script, "utf8"),
      env: { HOME: home.dir, PATH: home.env["PATH"], SANDBOX_AGENT_BASE_URL: host.url },
      extendEnv: false,
    });
    expect(exitCode).toBe(0);
    expect(await installed()).toMatch(/^sandbox-agent 1/);
  });
});

it("installs a version where it is told to", async () => {
  const dir = join(home.dir, "with space");
  const { stdout } = await install({ args: ["--version=1.0.0", "--dir", dir] });
  expect(stdout).toContain("(1.0.0, ");
  expect(await installed(dir)).toBe("sandbox-agent 1.0.0");
});

it.each([
  ["curl and xz", ["curl", "xz"], "xz"],
  ["wget and xz", ["wget", "xz"], "xz"],
  ["wget and gzip", ["wget", "gzip"], "gz"],
])("needs nothing but %s", async (_title, programs, packing) => {
  const PATH = await only([...MORE_TOOLS, ...programs]);
  expect(await install({ shell: ["/bin/dash"], env: { PATH } })).toMatchObject({ exitCode: 0 });
  expect(host.requests.at(-1)).toMatch(new RegExp(`\\.${packing}$`));
});

it("needs no other programs than those of busybox", async () => {
  const bin = join(home.dir, "busybox");
  await mkdir(bin);
  await execa("busybox", ["--install", "-s", bin]);
  const env = { PATH: bin };
  expect(await install({ shell: ["/bin/busybox", "sh"], env })).toMatchObject({ exitCode: 0 });
  expect(await installed()).toMatch(/^sandbox-agent 1/);
});

it.each([
  ["curl", MORE_TOOLS.concat("gzip"), "neither curl nor wget is here"],
  ["xz", MORE_TOOLS.concat("curl"), "neither xz nor gzip is here"],
])("says so where a program is missing (%s)", async (_title, programs, message) => {
  const PATH = await only(programs);
  const { exitCode, stderr } = await install({ shell: ["/bin/dash"], env: { PATH } });
  expect(exitCode).toBe(1);
  expect(stderr).toContain(message);
});

describe("a platform without a build is refused:", () => {
  it.each([
    ["riscv64", "Linux", "there is no build for the CPU riscv64"],
    ["x86_64", "FreeBSD", "there is no build for FreeBSD"],
  ])("%s %s", async (machine, os, message) => {
    const bin = join(home.dir, "bin");
    await mkdir(bin);
    const uname = `#!/bin/sh\nif [ "$1" = -m ]; then echo ${machine}; else echo ${os}; fi\n`;
    await writeFile(join(bin, "uname"), uname, { mode: 0o755 });
    const { exitCode, stderr } = await install({ env: { PATH: `${bin}:${home.env["PATH"]}` } });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
    expect(host.requests).toEqual([]);
  });
});

it("says where it cannot write, and how to name another folder", async () => {
  // Root may write everywhere but on a disk that is mounted read-only.
  const dir = join(home.dir, "read-only");
  await mkdir(dir);
  await execa("mount", ["-t", "tmpfs", "-o", "ro,size=64k", "tmpfs", dir]);
  try {
    for (const folder of [dir, join(dir, "new")]) {
      const { exitCode, stderr } = await install({ args: ["--dir", folder] });
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/cannot (write to|make the folder) .*name another/);
    }
  } finally {
    await execa("umount", [dir]);
  }
});

describe("the C library", () => {
  it("is the one that the system's own shell names", async () => {
    const shell = join(home.dir, "sh");
    const head = Buffer.alloc(600);
    head.write("ELF");
    head.write("/lib/ld-musl-x86_64.so.1", 500);
    await writeFile(shell, head);
    const inside = `mount --bind ${shell} /bin/sh && exec bash ${script}`;
    const { stdout } = await execa("unshare", ["-m", "bash", "-c", inside], {
      env: { HOME: home.dir, PATH: home.env["PATH"], SANDBOX_AGENT_BASE_URL: host.url },
      extendEnv: false,
    });
    expect(stdout).toContain("-musl");
  });

  it("that is musl without libstdc++ gets told which package is missing", async () => {
    // A system that has nothing but busybox, as an Alpine that nobody has added to.
    const root = join(home.dir, "root");
    for (const folder of ["bin", "lib", "proc", "tmp"]) {
      await mkdir(join(root, folder), { recursive: true });
    }
    await cp("/bin/busybox", join(root, "bin/busybox"));
    await execa("/bin/busybox", ["--install", join(root, "bin")]);
    await writeFile(join(root, "lib/ld-musl-x86_64.so.1"), "");
    await cp("/proc/cpuinfo", join(root, "proc/cpuinfo"));
    await cp(script, join(root, "tmp/install.sh"));
    const { exitCode, stderr } = await execa(
      "/usr/sbin/chroot",
      [root, "/bin/busybox", "sh", "/tmp/install.sh"],
      {
        env: { HOME: "/tmp", PATH: "/bin", SANDBOX_AGENT_BASE_URL: host.url },
        extendEnv: false,
        reject: false,
      },
    );
    expect(exitCode).toBe(1);
    expect(stderr).toContain("apk add libstdc++");
    await rm(root, { recursive: true, force: true });
  });
});

it("is a script in which shellcheck finds nothing to mend", async () => {
  const { stdout } = await execa("shellcheck", [script], { reject: false });
  expect(stdout).toBe("");
});
