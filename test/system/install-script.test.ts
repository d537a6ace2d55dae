import { cp, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
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
  host.redirect(undefined);
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

it.each([["dash"], ["bash"], ["busybox sh"]])(
  "leaves nothing that others may write to, with any umask (%s)",
  async (shell) => {
    const command = `umask 000; exec ${shell} '${script}'`;
    expect(await install({ shell: ["sh", "-c", command] })).toMatchObject({ exitCode: 0 });
    for (const path of [join(home.dir, ".local"), target, join(target, "sandbox-agent")]) {
      expect((await stat(path)).mode & 0o777, path).toBe(0o755);
    }
  },
);

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
  "http://releases.test",
  "http://localhost.evil.test",
  "http://localhost@evil.test",
  "http://localhost:80@evil.test",
  "http://127.0.0.1@evil.test",
  "http://127.0.0.1:80@evil.test:80",
  "http://127.0.0.1.evil.test",
  "http://127.evil.test:80",
  "http://[::1]@evil.test",
  "http://evil.test/127.0.0.1",
  "http://evil.test\\@127.0.0.1",
  "HTTP://127.0.0.1",
  "ftp://127.0.0.1",
  "file:///tmp",
  "releases.test",
  "https://",
])("refuses the base address %s before it downloads anything", async (url) => {
  const bin = join(home.dir, "bin");
  await mkdir(bin);
  for (const name of ["curl", "wget"]) {
    const program = `#!/bin/sh\n: > '${join(home.dir, "downloaded")}'\nexit 1\n`;
    await writeFile(join(bin, name), program, { mode: 0o755 });
  }
  const env = { SANDBOX_AGENT_BASE_URL: url, PATH: `${bin}:${home.env["PATH"]}` };
  const { exitCode, stderr } = await install({ env });
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /^install\.sh: SANDBOX_AGENT_BASE_URL (must begin with https|holds a char)/,
  );
  expect(await readdir(home.dir)).toEqual(["bin"]);
});

/** Programs with which it downloads. In the folder with busybox alone nothing else is on PATH. */
const DOWNLOADERS = ["curl", "wget", "busybox"];

async function onlyWith(downloader: string): Promise<Run> {
  if (downloader !== "busybox") {
    const PATH = await only([...MORE_TOOLS, "cat", "xz", downloader]);
    return { shell: ["/bin/dash"], env: { PATH } };
  }
  const bin = join(home.dir, "busybox");
  await mkdir(bin);
  await execa("busybox", ["--install", "-s", bin]);
  return { shell: ["/bin/busybox", "sh"], env: { PATH: bin } };
}

it.each(DOWNLOADERS)(
  "takes nothing from a host that redirects to http (%s)",
  async (downloader) => {
    await using other = await startReleaseHost();
    await other.publish("6.6.6", PLATFORMS);
    host.redirect(other.url);
    const { exitCode, stderr } = await install(await onlyWith(downloader));
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`install.sh: cannot download ${host.url}/latest/SHA256SUMS`);
    // busybox shows a redirect only afterwards.
    if (downloader !== "busybox") expect(other.requests).toEqual([]);
    expect(await readdir(join(home.dir, ".local"))).toEqual([]);
  },
);

it.each(DOWNLOADERS)("asks this machine itself past a proxy (%s)", async (downloader) => {
  const { shell = [], env = {} } = await onlyWith(downloader);
  const proxy = "http://127.0.0.1:1";
  const { exitCode } = await install({
    shell,
    env: { ...env, http_proxy: proxy, HTTP_PROXY: proxy },
  });
  expect(exitCode).toBe(0);
});

it.each(["curl", "wget"])("sends https through %s with what keeps it on https", async (name) => {
  const PATH = await only(MORE_TOOLS.concat("xz"));
  const program =
    `#!/bin/bash\nif [ "$1" = --version ]; then echo 'GNU Wget'; exit; fi\n` +
    `echo "$@" > '${join(home.dir, "arguments")}'\nexit 1\n`;
  await writeFile(join(PATH, name), program, { mode: 0o755 });
  const env = { PATH, SANDBOX_AGENT_BASE_URL: "https://releases.test" };
  expect(await install({ shell: ["/bin/dash"], env })).toMatchObject({ exitCode: 1 });
  const used = await readFile(join(home.dir, "arguments"), "utf8");
  expect(used).toContain(
    name === "curl" ? "--proto =https --proto-redir =https" : "--max-redirect=0",
  );
  expect(used).toContain("https://releases.test/latest/SHA256SUMS");
});

it("refuses a busybox that does not check certificates, unless the sum is pinned", async () => {
  const PATH = await only(MORE_TOOLS.concat("xz"));
  const note = "wget: note: TLS certificate validation not implemented";
  const program =
    `#!/bin/bash\nif [ "$1" = --version ]; then echo BusyBox; exit; fi\n` +
    `printf 'Connecting to releases.test (1.2.3.4:443)\\n${note}\\n' >&2\n: > "$4"\n`;
  await writeFile(join(PATH, "wget"), program, { mode: 0o755 });
  const env = { PATH, SANDBOX_AGENT_BASE_URL: "https://releases.test" };
  const refused = await install({ shell: ["/bin/dash"], env });
  expect(refused.stderr).toContain("does not check certificates");
  const SANDBOX_AGENT_SHA256 = "0".repeat(64);
  const pinned = await install({ shell: ["/bin/dash"], env: { ...env, SANDBOX_AGENT_SHA256 } });
  expect(pinned.stderr).toContain("which SANDBOX_AGENT_SHA256 does not name");
});

describe("with SANDBOX_AGENT_SHA256", () => {
  const sums = () =>
    PLATFORMS.flatMap((name) => [host.sum(`sandbox-agent-${name}.xz`), "0".repeat(64)]);

  it.each([
    ["as they are printed", (all: string[]) => all.join(" ")],
    ["in capitals, with commas and lines", (all: string[]) => all.join(",\n").toUpperCase()],
  ])("installs a file that is among the sums (%s)", async (_, write) => {
    const { exitCode } = await install({ env: { SANDBOX_AGENT_SHA256: write(sums()) } });
    expect(exitCode).toBe(0);
    expect(host.requests.filter((path) => path.endsWith("SHA256SUMS"))).toEqual([]);
  });

  it.each([
    ["another sum", () => "1".repeat(64)],
    ["a part of the right one", () => sums()[0]?.slice(0, 60) ?? ""],
    ["the right one with more behind it", () => `${sums().join("0 ")}0`],
  ])("refuses the file for %s", async (_, write) => {
    const { exitCode, stderr } = await install({ env: { SANDBOX_AGENT_SHA256: write() } });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/has the sum [0-9a-f]{64}, which SANDBOX_AGENT_SHA256 does not name/);
    expect(await readdir(join(home.dir, ".local"))).toEqual([]);
  });
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
