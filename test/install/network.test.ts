import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { copyFile, lstat, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { FakeRegistry, type RegistryOptions } from "../support/fake-registry.ts";
import { RecordingProxy } from "../support/recording-proxy.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { publishAgent } from "../support/test-agent.ts";
import { compileCache } from "../support/program.ts";

const run = promisify(execFile);
const FIXTURE = join(import.meta.dirname, "../fixtures/bin/install-agent.ts");
const BUN = join(import.meta.dirname, "../../node_modules/.bin/bun");
const TLS = join(import.meta.dirname, "../fixtures/tls");

let compiled = "";
beforeAll(async () => {
  compiled = join(await mkdtemp(join(tmpdir(), "sa-")), "install-agent");
  const config = join(import.meta.dirname, "../../scripts/tsconfig.executable.json");
  const options = [`--tsconfig-override=${config}`, "--outfile", compiled];
  await run(BUN, ["build", "--compile", FIXTURE, ...options]);
});
afterAll(() => rm(join(compiled, ".."), { recursive: true, force: true }));

async function setUp(options: RegistryOptions = {}) {
  const disposables = new AsyncDisposableStack();
  onTestFinished(() => disposables.disposeAsync());
  const home = disposables.use(await temporaryHome());
  const registry = disposables.use(await FakeRegistry.start(options));
  const proxy = disposables.use(await RecordingProxy.start(registry.port));
  publishAgent(registry, "1.0.0");
  return { home, registry, proxy, installDir: join(home.dir, "agents") };
}

async function serveTls(): Promise<RegistryOptions> {
  const [key, cert] = await Promise.all(
    ["server-key.pem", "server.pem"].map((name) => readFile(join(TLS, name), "utf8")),
  );
  return { tls: { key: key ?? "", cert: cert ?? "" }, publicUrl: "https://registry.test/" };
}

const INSTALLED = { version: "1.0.0", source: "install-dir" };
const PATHS = [
  "/@test/agent",
  "/@test/agent-linux-x64",
  "/@test/agent-linux-x64/-/agent-linux-x64-1.0.0.tgz",
];

describe.each([
  { runtime: "Node", command: () => [process.execPath, ...compileCache, FIXTURE] },
  { runtime: "Bun", command: () => [BUN, FIXTURE] },
  { runtime: "the compiled executable", command: () => [compiled] },
])("on $runtime", ({ command }) => {
  type SetUp = Awaited<ReturnType<typeof setUp>>;

  async function install({ home, registry, installDir }: SetUp, env: Record<string, string>) {
    const [file = "", ...args] = command();
    const { stdout } = await run(file, [...args, installDir], {
      env: { ...home.env, SANDBOX_AGENT_REGISTRY: registry.url, ...env },
      cwd: home.work,
    });
    return JSON.parse(stdout) as unknown;
  }

  test("an https registry is reached through HTTPS_PROXY, with an extra CA", async () => {
    const machine = await setUp(await serveTls());
    const env = {
      HTTPS_PROXY: `http://user:p%40ss@${machine.proxy.host}`,
      NODE_EXTRA_CA_CERTS: join(TLS, "ca.pem"),
    };
    expect(await install(machine, env)).toMatchObject(INSTALLED);
    expect(machine.registry.requests).toEqual(PATHS);
    expect(new Set(machine.proxy.requests)).toEqual(new Set(["CONNECT registry.test:443"]));
    expect(machine.proxy.authorizations[0]).toBe(`Basic ${btoa("user:p@ss")}`);
  });

  test("npm's names for the proxy and the CA file do as well", async () => {
    const machine = await setUp(await serveTls());
    const env = {
      npm_config_https_proxy: machine.proxy.host,
      npm_config_cafile: join(TLS, "ca.pem"),
    };
    expect(await install(machine, env)).toMatchObject(INSTALLED);
    expect(machine.proxy.requests).not.toEqual([]);
  });

  test("the user's npmrc names the registry, its token, the proxy and the CA file", async () => {
    const machine = await setUp(await serveTls());
    const npmrc = [
      "@test:registry=https://registry.test/",
      "//registry.test/:_authToken=${REGISTRY_TOKEN}",
      `https-proxy=http://${machine.proxy.host}`,
      "cafile=~/ca.pem",
    ];
    await writeFile(join(machine.home.dir, ".npmrc"), npmrc.join("\n"));
    await copyFile(join(TLS, "ca.pem"), join(machine.home.dir, "ca.pem"));
    const env = { SANDBOX_AGENT_REGISTRY: "", REGISTRY_TOKEN: "of-the-user" };
    expect(await install(machine, env)).toMatchObject(INSTALLED);
    expect(machine.registry.requests).toEqual(PATHS);
    expect(new Set(machine.registry.authorizations)).toEqual(new Set(["Bearer of-the-user"]));
    expect(new Set(machine.proxy.requests)).toEqual(new Set(["CONNECT registry.test:443"]));
  });

  test("the npmrc of the working directory is not read", async () => {
    const machine = await setUp();
    await using planted = await FakeRegistry.start();
    publishAgent(planted, "6.6.6");
    await writeFile(
      join(machine.home.work, ".npmrc"),
      `registry=${planted.url}\n@test:registry=${planted.url}`,
    );
    await writeFile(join(machine.home.dir, ".npmrc"), `registry=${machine.registry.url}`);
    expect(await install(machine, { SANDBOX_AGENT_REGISTRY: "" })).toMatchObject(INSTALLED);
    expect(planted.requests).toEqual([]);
  });

  test("noproxy of the user's npmrc names hosts that are reached directly", async () => {
    const machine = await setUp();
    const npmrc = `proxy=http://${machine.proxy.host}\nnoproxy=example.test,0.0.0.0`;
    await writeFile(join(machine.home.dir, ".npmrc"), npmrc);
    const SANDBOX_AGENT_REGISTRY = `http://0.0.0.0:${machine.registry.port}/`;
    await install(machine, { SANDBOX_AGENT_REGISTRY });
    expect(machine.proxy.requests).toEqual([]);
  });

  test("only the owner can write to installed files and folders, with any umask", async () => {
    const machine = await setUp();
    const env = { ...machine.home.env, SANDBOX_AGENT_REGISTRY: machine.registry.url };
    const [file = "", ...args] = command();
    const folder = join(machine.home.dir, "new/agents");
    const script = 'umask 000; exec "$0" "$@"';
    await run("/bin/sh", ["-c", script, file, ...args, folder], { env, cwd: machine.home.work });
    const top = join(machine.home.dir, "new");
    const paths = [
      top,
      ...(await readdir(top, { recursive: true })).map((name) => join(top, name)),
    ];
    const found = await Promise.all(
      paths.map(async (path) => ({ path, mode: (await lstat(path)).mode })),
    );
    const links = found.filter(({ mode }) => (mode & constants.S_IFMT) === constants.S_IFLNK);
    expect(links).toHaveLength(1);
    const open = found.filter((one) => !links.includes(one) && (one.mode & 0o022) !== 0);
    expect(open).toEqual([]);
    expect(found.length).toBeGreaterThan(6);
  });

  test("a certificate of an unknown authority is refused", async () => {
    const machine = await setUp(await serveTls());
    const env = { HTTPS_PROXY: machine.proxy.host, NODE_EXTRA_CA_CERTS: "/nonexistent" };
    expect(await install(machine, env)).toMatchObject({
      kind: "install_failed",
      extensions: {
        details: {
          stderr: expect.stringMatching(/^cannot get https:\/\/registry.test.*certificate/),
        },
      },
    });
    expect(machine.registry.requests).toEqual([]);
  });

  test("an http registry is reached through http_proxy", async () => {
    const machine = await setUp({ publicUrl: "http://registry.test/" });
    expect(await install(machine, { http_proxy: machine.proxy.host })).toMatchObject(INSTALLED);
    expect(machine.proxy.requests.map((request) => decodeURIComponent(request))).toEqual(
      PATHS.map((path) => `GET http://registry.test${path}`),
    );
  });

  test("a loopback registry is reached directly, whatever the proxy variables say", async () => {
    const machine = await setUp();
    const proxy = machine.proxy.host;
    const env = { HTTP_PROXY: proxy, http_proxy: proxy, HTTPS_PROXY: proxy, NO_PROXY: "" };
    expect(await install(machine, env)).toMatchObject(INSTALLED);
    expect(machine.proxy.requests).toEqual([]);
  });

  test("a download that breaks off is read on", async () => {
    const machine = await setUp();
    machine.registry.break(/\.tgz$/, { kind: "portion", bytes: 200_000 }, 1);
    expect(await install(machine, {})).toMatchObject(INSTALLED);
    expect(machine.registry.ranges).toEqual([undefined, expect.stringMatching(/^bytes=\d+-$/)]);
  });

  test("a redirect is followed", async () => {
    const machine = await setUp();
    const [, , tarball = ""] = PATHS;
    const to = `http://localhost:${machine.registry.port}${tarball}`;
    machine.registry.break(/\.tgz$/, { kind: "redirect", to }, 1);
    expect(await install(machine, {})).toMatchObject(INSTALLED);
    expect(machine.registry.requests).toEqual([...PATHS, tarball]);
  });

  test("NO_PROXY names hosts that are reached directly", async () => {
    const machine = await setUp();
    // An address of this machine that is not in 127.0.0.0/8.
    const SANDBOX_AGENT_REGISTRY = `http://0.0.0.0:${machine.registry.port}/`;
    const env = { HTTP_PROXY: machine.proxy.host, SANDBOX_AGENT_REGISTRY };
    await install(machine, { ...env, NO_PROXY: "example.test,0.0.0.0" });
    expect(machine.proxy.requests).toEqual([]);
    await install(machine, { ...env, NO_PROXY: "example.test" });
    expect(machine.proxy.requests).not.toEqual([]);
  });
});
