import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { version } from "../../src/version.ts";
import { buildImage, type Image } from "../support/image/build.ts";
import { parseDockerfile } from "../support/image/dockerfile.ts";
import { type Container, runContainer, startContainer } from "../support/image/container.ts";

const repository = join(import.meta.dirname, "../..");
const TOKEN = "a-token-of-this-test";
/** Docker's, between its SIGTERM and its SIGKILL. */
const STOP_MS = 10_000;

it("hadolint has nothing to say of the Dockerfile", async () => {
  const hadolint = join(repository, ".cache/tools/bin/hadolint");
  const { stdout } = await execa(hadolint, [join(repository, "Dockerfile")], { reject: false });
  expect(stdout).toBe("");
  const bad = await execa(hadolint, ["-"], { input: "FROM debian\nRUN cd /x\n", reject: false });
  expect(bad.exitCode).toBe(1);
});

it("its base images can be pinned by digest", async () => {
  const text = await readFile(join(repository, "Dockerfile"), "utf8");
  const bases = (args?: Record<string, string>) =>
    parseDockerfile(text, args).map(({ base }) => base);
  expect(bases()).toEqual(["node:24-bookworm-slim", "debian:bookworm-slim"]);
  const args = {
    NODE_IMAGE: `node@sha256:${"a".repeat(64)}`,
    DEBIAN_IMAGE: `debian@sha256:${"b".repeat(64)}`,
  };
  expect(bases(args)).toEqual(Object.values(args));
});

it("no package's install script runs in the image but the compiler's", async () => {
  const text = await readFile(join(repository, "Dockerfile"), "utf8");
  const commands = parseDockerfile(text).flatMap(({ instructions }) =>
    instructions.filter(({ name }) => name === "RUN").map(({ text }) => text),
  );
  const installs = commands.filter((command) => /npm (ci|i|install)\b/.test(command));
  expect(installs).toEqual(["npm ci --ignore-scripts && node node_modules/bun/install.js"]);
});

describe("the image that the Dockerfile's commands make", () => {
  let folder: string;
  let image: Image;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sa-image-"));
    image = await buildImage(folder);
  }, 500_000);

  afterAll(() => rm(folder, { recursive: true, force: true }), 120_000);

  const owner = async (path: string) => {
    const { uid, gid, mode } = await stat(join(image.root, path));
    return { uid, gid, mode: (mode & 0o777).toString(8) };
  };

  it("holds the program as root's, and a home and a place to work as the user's", async () => {
    expect(image.user).toBe(1000);
    const program = { uid: 0, gid: 0, mode: "755" };
    expect(await owner("usr/local/bin/sandbox-agent")).toEqual(program);
    expect(await owner("workspace")).toEqual({ uid: 1000, gid: 1000, mode: "755" });
    expect(await owner("home/agent")).toMatchObject({ uid: 1000, gid: 1000 });
  });

  it("holds nothing of its making", async () => {
    const names = await readdir(image.root);
    expect(names).toContain("workspace");
    expect(names).not.toContain("src");
    expect(await readdir(join(image.root, "usr/local/bin"))).toEqual(["sandbox-agent"]);
    expect(await readdir(join(image.root, "var/lib/apt/lists"))).toEqual([]);
    const left = (await readdir(join(image.root, "root"))).filter((name) => name.includes("npm"));
    expect(left).toEqual([]);
  });

  it("does not start without a token, and says what to do", async () => {
    const { exitCode, stderr } = await runContainer(image, {});
    expect(exitCode).toBe(1);
    expect(stderr).toContain("a token is needed");
  });

  describe("started as Docker starts it", () => {
    let container: Container;

    beforeAll(async () => {
      container = await startContainer(image, { SANDBOX_AGENT_TOKEN: TOKEN });
      await vi.waitUntil(async () => (await container.exec(image.healthCheck)).exitCode === 0, {
        timeout: 20_000,
      });
    });

    afterAll(() => container[Symbol.asyncDispose]());

    const url = "http://127.0.0.1:2468";
    const bearer = ["-H", `Authorization: Bearer ${TOKEN}`];
    const curl = async (...args: string[]) => {
      const { exitCode, stdout, stderr } = await container.exec(["curl", "-sS", ...args]);
      if (exitCode !== 0) throw new Error(stderr);
      return stdout;
    };
    const post = (path: string, body: object) =>
      curl(
        ...bearer,
        "-H",
        "Content-Type: application/json",
        "-d",
        JSON.stringify(body),
        url + path,
      );

    it("runs as its user, below an init", async () => {
      const [first, daemon, ...others] = await container.processes();
      expect(first).toMatchObject({ pid: container.pid, user: 1000 });
      expect(first?.command).toBe("tini -- sandbox-agent server --host 0.0.0.0");
      expect(daemon).toMatchObject({ user: 1000, command: "sandbox-agent server --host 0.0.0.0" });
      expect(others).toEqual([]);
    });

    it("is the daemon of these sources", async () => {
      const { stdout } = await container.exec(["sandbox-agent", "--version"]);
      expect(stdout).toBe(`sandbox-agent ${version}`);
    });

    it("is healthy in the eyes of the health check, which fails where nothing serves", async () => {
      expect(image.healthCheck.at(-1)).toBe(`${url}/v1/health`);
      expect(await container.exec(image.healthCheck)).toMatchObject({ exitCode: 0, stdout: "" });
      const elsewhere = image.healthCheck.map((word) => word.replace(":2468", ":2469"));
      expect((await container.exec(elsewhere)).exitCode).not.toBe(0);
    });

    it("serves the port that it exposes, on every interface", async () => {
      expect(image.ports).toEqual([2468]);
      const table = await readFile(`/proc/${container.pid}/net/tcp`, "utf8");
      const listening = table.match(/\w+:\w+(?= 00000000:0000 0A)/g);
      expect(listening).toEqual([`00000000:${(2468).toString(16).toUpperCase().padStart(4, "0")}`]);
    });

    it("demands the token", async () => {
      const status = ["-o", "/dev/null", "-w", "%{http_code}", `${url}/v1/agents`];
      expect(await curl(...status)).toBe("401");
      expect(await curl(...bearer, ...status)).toBe("200");
    });

    it("shows the inspector", async () => {
      expect(await curl(`${url}/ui/`)).toContain("<!doctype html>");
    });

    it("holds a turn, in the directory to work in", async () => {
      expect(await post("/v1/sessions/s", { agent: "mock" })).toContain('"healthy":true');
      const turn = await post("/v1/sessions/s/messages/stream", { message: "hello" });
      expect(turn).toContain('"status":"completed"');
      expect(await curl(...bearer, `${url}/v1/sessions`)).toContain('"directory":"/workspace"');
    });

    it("may write in its home and its place to work, and nowhere else", async () => {
      const touch = (path: string) => container.exec(["touch", path]);
      expect((await touch("/workspace/made")).exitCode).toBe(0);
      expect((await touch("/home/agent/made")).exitCode).toBe(0);
      expect(await owner("workspace/made")).toMatchObject({ uid: 1000, gid: 1000 });
      expect((await touch("/usr/local/bin/made")).stderr).toContain("Permission denied");
      expect((await touch("/etc/made")).stderr).toContain("Permission denied");
    });

    it("reaps what nobody waits for", async () => {
      const { stdout } = await container.exec(["sh", "-c", "sleep 0.2 >/dev/null 2>&1 & echo $!"]);
      expect(Number(stdout)).toBeGreaterThan(1);
      // A process that has ended and is not waited for would stay in the list.
      await vi.waitUntil(async () => (await container.processes()).length === 2, {
        timeout: 10_000,
      });
    });

    it("ends with all its processes when Docker stops it, in the middle of a turn", async () => {
      await post("/v1/sessions/last", { agent: "mock" });
      await post("/v1/sessions/last/messages", { message: "permission" });
      process.kill(container.pid, "SIGTERM");
      const late = AbortSignal.timeout(STOP_MS);
      const ended = await Promise.race([
        container.exited,
        new Promise<never>((_, reject) => {
          late.addEventListener("abort", () => reject(new Error("Docker would kill it")));
        }),
      ]);
      expect(ended.exitCode).toBe(0);
      expect(await container.processes()).toEqual([]);
    });
  });
});
