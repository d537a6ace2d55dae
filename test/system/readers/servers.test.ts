import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SandboxAgent } from "../../../src/index.ts";
import { repository } from "../../repo/files.ts";
import { type Daemon, startDaemon } from "../../support/daemon.ts";
import { freePort } from "../../support/free-port.ts";
import { type ProjectWithPackage, projectWithPackage } from "../../support/installed-package.ts";
import { npmPackages, type Versions } from "../../support/registry-packages.ts";
import { temporaryHome, type TemporaryHome } from "../../support/sandbox.ts";
import { expectWholeSession, programReader } from "./scenario.ts";

const programs = join(import.meta.dirname, "sdk");

const frameworks: Versions[] = [
  { next: "14.2.35", react: "18.3.1", "react-dom": "18.3.1" },
  { next: "15.5.29", react: "19.2.9", "react-dom": "19.2.9" },
];

let home: TemporaryHome;
let daemon: Daemon;
let project: ProjectWithPackage;
let miniflare: string;

beforeAll(async () => {
  home = await temporaryHome();
  daemon = await startDaemon({ home });
  project = await projectWithPackage();
  await cp(programs, project.folder, { recursive: true });
  miniflare = await npmPackages("miniflare", { miniflare: "4.20260730.0" });
  // Only installs them, since a test may take less time than an installation.
  for (const versions of frameworks) await npmPackages("next", versions);
});

afterAll(async () => {
  await project[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

it("the SDK in a thread of Node reads every event of a session once", async () => {
  const args = [join(project.folder, "worker-thread.js")];
  const reader = programReader({ file: process.execPath, args, env: home.env });
  await expectWholeSession(daemon.url, reader);
});

// Before November 2024 the `fetch` of a worker rejects the member `cache`.
it.each(["2024-09-01", "2026-07-01"])(
  "the SDK in a Cloudflare worker of %s reads every event of a session once",
  async (compatibilityDate) => {
    const bundle = join(project.folder, `${compatibilityDate}.js`);
    const entry = join(project.folder, "cloudflare-worker.js");
    const bun = join(repository, "node_modules/.bin/bun");
    await execa(bun, ["build", entry, "--target", "browser", "--outfile", bundle]);
    const program = join(project.folder, "run-cloudflare-worker.js");
    const args = [program, miniflare, bundle, compatibilityDate];
    const reader = programReader({ file: process.execPath, args, env: home.env });
    await expectWholeSession(daemon.url, reader);
  },
);

describe.each(frameworks)("Next.js $next", (versions) => {
  it("reads every event of a session once, and nothing from its cache", async () => {
    await using app = await startNext(versions);
    await expectWholeSession(daemon.url, async (target) => {
      const answer = await fetch(`${app.url}/read?${new URLSearchParams({ ...target })}`);
      return (await answer.text()).split("\n");
    });
    const client = await SandboxAgent.connect({ baseUrl: daemon.url });
    const session = await client.openSession({ agent: "mock" }, app.session);
    expect(await textOf(`${app.url}/status`)).toContain("1 events");
    expect(await textOf(`${app.url}/prompt`)).toBe('["✓ hello"]');
    const { eventCount } = await session.info();
    expect(await textOf(`${app.url}/status`)).toContain(`${eventCount} events`);
    expect(await textOf(`${app.url}/prompt`)).toBe('["✓ hello"]');
    await client.deleteSession(app.session);
  });
});

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text();
}

/** Starts the development server of an app that is a folder beside the packages of its Next.js. */
async function startNext(versions: Versions) {
  const packages = await npmPackages("next", versions);
  const folder = await mkdtemp(join(packages, "app-"));
  await cp(join(programs, "next"), folder, { recursive: true });
  await cp(join(programs, "read-session.js"), join(folder, "read-session.js"));
  await mkdir(join(folder, "node_modules"));
  const installed = join(project.folder, "node_modules/sandbox-agent");
  await symlink(installed, join(folder, "node_modules/sandbox-agent"));
  const port = await freePort();
  const session = `of Next.js ${versions["next"]}`;
  const next = join(packages, "node_modules/next/dist/bin/next");
  const args = [next, "dev", "--hostname", "127.0.0.1", "--port", String(port)];
  const env = {
    ...home.env,
    SANDBOX_AGENT_URL: daemon.url,
    SESSION: session,
    NEXT_TELEMETRY_DISABLED: "1",
  };
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  let printed = "";
  for await (const line of createInterface({ input: child.stdout })) {
    printed += `${line}\n`;
    if (line.includes("Ready in")) break;
  }
  child.stdout.resume();
  expect(printed).toContain("Ready in");
  return {
    session,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
