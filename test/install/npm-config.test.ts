import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { Installer } from "../../src/install/installer.ts";
import { NpmConfig } from "../../src/install/npm-config.ts";
import { credentialsFor } from "../../src/install/registry-credentials.ts";
import { registryOf } from "../../src/install/registry.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import { temporaryHome } from "../support/sandbox.ts";
import {
  agentEntries,
  LINUX,
  PLATFORM_PACKAGE,
  publishAgent,
  testRecipe,
} from "../support/test-agent.ts";

const run = promisify(execFile);

/** A home, a registry, and an installer that knows nothing else. */
async function setUp() {
  const disposables = new AsyncDisposableStack();
  onTestFinished(() => disposables.disposeAsync());
  const home = disposables.use(await temporaryHome());
  const registry = disposables.use(await FakeRegistry.start());
  publishAgent(registry, "1.0.0");
  const lines: string[] = [];
  const secrets: string[] = [];
  const write = async (path: string, text: string) => {
    const file = join(home.dir, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  };
  const install = async (env: Record<string, string> = {}) => {
    await using installer = new Installer({
      installDir: join(home.dir, "agents"),
      env: { HOME: home.dir, PREFIX: join(home.dir, "prefix"), ...env },
      platform: LINUX,
      log: {
        info: (line) => lines.push(`info ${line}`),
        warn: (line) => lines.push(`warn ${line}`),
      },
      onSecrets: (texts) => secrets.push(...texts),
    });
    return await installer.install("test", testRecipe);
  };
  const failure = async (env?: Record<string, string>): Promise<string> => {
    const error = await install(env).catch((error: unknown) => error);
    expect(error).toMatchObject({ kind: "install_failed" });
    return (error as { extensions: { details: { stderr: string } } }).extensions.details.stderr;
  };
  const host = new URL(registry.url).host;
  return { home, registry, host, write, install, failure, lines, secrets };
}

/** Files below the home folder and variables, and the registry that they lead to. */
const CHOICES: {
  title: string;
  files: Record<string, string>;
  env?: (home: string) => Record<string, string>;
  scope?: string;
  url: string;
}[] = [
  {
    title: "the user's npmrc",
    files: { ".npmrc": "registry=http://user.test/npm" },
    url: "http://user.test/npm/",
  },
  {
    title: "the npmrc that NPM_CONFIG_USERCONFIG names",
    files: { ".npmrc": "registry=http://user.test", other: "registry=http://other.test" },
    env: (home) => ({ NPM_CONFIG_USERCONFIG: join(home, "other") }),
    url: "http://other.test/",
  },
  {
    title: "the npmrc that npm_config_userconfig names below the home folder",
    files: { other: "registry=http://other.test" },
    env: () => ({ npm_config_userconfig: "~/other" }),
    url: "http://other.test/",
  },
  {
    title: "the global npmrc below PREFIX",
    files: { "prefix/etc/npmrc": "registry=http://global.test" },
    url: "http://global.test/",
  },
  {
    title: "the global npmrc that NPM_CONFIG_GLOBALCONFIG names",
    files: { "prefix/etc/npmrc": "registry=http://no.test", g: "registry=http://global.test" },
    env: (home) => ({ NPM_CONFIG_GLOBALCONFIG: join(home, "g") }),
    url: "http://global.test/",
  },
  {
    title: "the global npmrc below the prefix of the user's npmrc",
    files: { ".npmrc": "prefix=${HOME}/mine", "mine/etc/npmrc": "registry=http://mine.test" },
    url: "http://mine.test/",
  },
  {
    title: "the user's npmrc before the global one",
    files: {
      ".npmrc": "registry=http://user.test",
      "prefix/etc/npmrc": "registry=http://global.test",
    },
    url: "http://user.test/",
  },
  {
    title: "npm's variable before the user's npmrc",
    files: { ".npmrc": "registry=http://user.test" },
    env: () => ({ NPM_CONFIG_REGISTRY: "http://env.test" }),
    url: "http://env.test/",
  },
  {
    title: "the registry of the scope before the one for all packages",
    files: { ".npmrc": "registry=http://user.test\n@test:registry=http://scope.test/a" },
    scope: "@test",
    url: "http://scope.test/a/",
  },
  {
    title: "the registry of the scope in the global npmrc before the user's one for all packages",
    files: {
      ".npmrc": "registry=http://user.test",
      "prefix/etc/npmrc": "@test:registry=http://scope.test",
    },
    scope: "@test",
    url: "http://scope.test/",
  },
  {
    title: "an npmrc with variables",
    files: { ".npmrc": "registry=http://${NAME}.test/${NOTHING?}" },
    env: () => ({ NAME: "named" }),
    url: "http://named.test/",
  },
];

test.each(CHOICES)("the registry comes from $title", async ({ files, env, url }) => {
  const { home, write } = await setUp();
  for (const [path, text] of Object.entries(files)) await write(path, text);
  const all = { HOME: home.dir, PREFIX: join(home.dir, "prefix"), ...env?.(home.dir) };
  const npm = await NpmConfig.load(all);
  expect(registryOf("@test/agent", { env: all, npm }).href).toBe(url);
});

test.each(CHOICES)("npm itself takes its registry from $title", async (choice) => {
  const { files, env, scope, url } = choice;
  const { home, write } = await setUp();
  for (const [path, text] of Object.entries(files)) await write(path, text);
  const all = { ...home.env, PREFIX: join(home.dir, "prefix"), ...env?.(home.dir) };
  const key = scope === undefined ? "registry" : `${scope}:registry`;
  const { stdout } = await run("npm", ["config", "get", key], {
    cwd: home.work,
    env: { ...all, PATH: process.env["PATH"] },
  });
  expect(stdout.trim().replace(/\/*$/, "/")).toBe(url);
});

test.each([
  {
    title: "a token",
    lines: (at: string) => [`${at}:_authToken=top-secret`],
    sent: "Bearer top-secret",
  },
  {
    title: "a token in a variable",
    lines: (at: string) => [`${at}:_authToken=\${TOKEN}`],
    sent: "Bearer from-variable",
  },
  {
    title: "a pair in base64",
    lines: (at: string) => [`${at}:_auth=${btoa("user:pass")}`],
    sent: `Basic ${btoa("user:pass")}`,
  },
  {
    title: "a name and a password",
    lines: (at: string) => [`${at}:username=user`, `${at}:_password=${btoa("p:ss")}`],
    sent: `Basic ${btoa("user:p:ss")}`,
  },
])("$title of the user's npmrc is sent for metadata and tarball", async ({ lines, sent }) => {
  const { registry, host, write, install, secrets } = await setUp();
  await write(".npmrc", [`registry=${registry.url}`, ...lines(`//${host}/`)].join("\n"));
  expect((await install({ TOKEN: "from-variable" })).version).toBe("1.0.0");
  expect(registry.authorizations).toEqual([sent, sent, sent]);
  expect(secrets).toContain(sent.replace(/^\w+ /, ""));
});

test("a token in npm's variables is sent", async () => {
  const { registry, host, install } = await setUp();
  await install({
    SANDBOX_AGENT_REGISTRY: registry.url,
    [`npm_config_//${host}/:_authToken`]: "by-variable",
  });
  expect(new Set(registry.authorizations)).toEqual(new Set(["Bearer by-variable"]));
});

test("a tarball on another host gets no credentials of the registry", async () => {
  const { registry, host, write, install } = await setUp();
  await using other = await FakeRegistry.start();
  const entries = agentEntries("1.0.0");
  other.publish(PLATFORM_PACKAGE, "1.0.0", { entries });
  const path = `${PLATFORM_PACKAGE}/-/agent-linux-x64-1.0.0.tgz`;
  registry.publish(PLATFORM_PACKAGE, "1.0.0", {
    integrity: other.integrity(PLATFORM_PACKAGE, "1.0.0"),
    tarballUrl: other.url + path,
  });
  await write(".npmrc", `registry=${registry.url}\n//${host}/:_authToken=top-secret`);
  await install();
  expect(registry.authorizations).toEqual(["Bearer top-secret", "Bearer top-secret"]);
  expect(other.authorizations).toEqual([undefined]);
});

test("a redirect to another host is followed without credentials", async () => {
  const { registry, host, write, install } = await setUp();
  await using other = await FakeRegistry.start();
  other.publish(PLATFORM_PACKAGE, "1.0.0", { entries: agentEntries("1.0.0") });
  registry.publish(PLATFORM_PACKAGE, "1.0.0", {
    integrity: other.integrity(PLATFORM_PACKAGE, "1.0.0"),
  });
  const path = `${PLATFORM_PACKAGE}/-/agent-linux-x64-1.0.0.tgz`;
  registry.break(/\.tgz$/, { kind: "redirect", to: other.url + path });
  await write(".npmrc", `registry=${registry.url}\n//${host}/:_authToken=top-secret`);
  await install();
  expect(other.authorizations).toEqual([undefined]);
});

test.each([
  ["the longest path", "https://h.test/a/b/pkg", "https://h.test/a/b/", "Bearer long"],
  ["a shorter path", "https://h.test/a/c/pkg", "https://h.test/a/c/", "Bearer short"],
  [
    "the registry's path for its whole host",
    "https://h.test/x.tgz",
    "https://h.test/a/",
    "Bearer short",
  ],
  [
    "a key without a slash at its end",
    "https://plain.test/a/p",
    "https://plain.test/a/",
    "Bearer plain",
  ],
  ["the host's own for another host", "https://cdn.test/x", "https://h.test/a/", "Bearer cdn"],
  ["nothing for another port", "https://h.test:8443/a/b/x", "https://h.test:8443/a/b/", undefined],
  ["nothing for a longer host name", "https://h.test.evil.test/a/", "https://h.test/a/", undefined],
  [
    "nothing for http below an https registry",
    "http://h.test/a/b/x",
    "https://h.test/a/b/",
    undefined,
  ],
  ["those of the address", "https://h.test/a/x", "https://u:p@h.test/a/", `Basic ${btoa("u:p")}`],
])("credentials are %s", async (_, url, registry, sent) => {
  const npm = await NpmConfig.load({
    HOME: "/nonexistent",
    "npm_config_//h.test/a/b/:_authToken": "long",
    "npm_config_//h.test/a/:_authToken": "short",
    "npm_config_//cdn.test/:_authToken": "cdn",
    "npm_config_//plain.test/a:_authToken": "plain",
  });
  const found = credentialsFor(npm, { url: new URL(url), registry: new URL(registry) });
  expect(found?.authorization).toBe(sent);
});

test.each([401, 403])("a %i without credentials names the key and the files", async (status) => {
  const { home, registry, host, write, failure } = await setUp();
  registry.break(/agent/, { kind: "status", status });
  await write(".npmrc", `registry=${registry.url}\n//elsewhere.test/:_authToken=top-secret`);
  const user = join(home.dir, ".npmrc");
  const global = join(home.dir, "prefix/etc/npmrc");
  expect(await failure()).toBe(
    `${registry.url}@test%2fagent answered ${status}: //${host}/:_authToken was not found in ` +
      `the environment, ${user}, ${global}`,
  );
});

test("a 401 for rejected credentials names their key and file, not the secret", async () => {
  const { home, registry, host, write, failure } = await setUp();
  registry.break(/agent/, { kind: "status", status: 401 });
  await write(".npmrc", `registry=${registry.url}\n//${host}/:_authToken=top-secret`);
  expect(await failure()).toBe(
    `${registry.url}@test%2fagent answered 401: the credentials of //${host}/:_authToken in ` +
      `${join(home.dir, ".npmrc")} were rejected`,
  );
});

test("a 401 names the variable of the credentials when it is not set", async () => {
  const { home, registry, host, write, failure } = await setUp();
  registry.break(/agent/, { kind: "status", status: 401 });
  await write(".npmrc", `registry=${registry.url}\n//${host}/:_authToken=\${NPM_TOKEN}`);
  expect(await failure()).toBe(
    `${registry.url}@test%2fagent answered 401: //${host}/:_authToken in ` +
      `${join(home.dir, ".npmrc")} refers to NPM_TOKEN, which is not set`,
  );
  expect(registry.authorizations).toEqual([undefined]);
});

test("the log names the registry's host and settings that are ignored", async () => {
  const { home, registry, host, write, install, lines } = await setUp();
  await write(".npmrc", `registry=${registry.url}\nstrict-ssl=false`);
  await install();
  expect(lines).toEqual([
    `info installing test from ${host}`,
    `warn strict-ssl=false in ${join(home.dir, ".npmrc")} is ignored: name the registry's authority by cafile`,
  ]);
});

test.each([
  ["userconfig", { NPM_CONFIG_USERCONFIG: ".npmrc" }, "", "the environment"],
  ["globalconfig", { npm_config_globalconfig: "etc/npmrc" }, "", "the environment"],
  ["prefix", {}, "prefix=./here", undefined],
  ["cafile", {}, "cafile=ca.pem", undefined],
])("a relative %s is an error", async (key, env, text, source) => {
  const { home, registry, write, failure } = await setUp();
  await write(".npmrc", `registry=${registry.url}\n${text}`);
  const named = source ?? join(home.dir, ".npmrc");
  expect(await failure(env)).toBe(`npm's setting ${key} in ${named} must be an absolute path`);
  expect(registry.requests).toEqual([]);
});

test("a named pipe as the user's npmrc is an error and does not block", async () => {
  const { home, failure } = await setUp();
  await run("mkfifo", [join(home.dir, ".npmrc")]);
  expect(await failure()).toBe(`${join(home.dir, ".npmrc")} is not a regular file`);
});

test("the null device serves as an empty npmrc, also twice", async () => {
  const { registry, install } = await setUp();
  const env = { NPM_CONFIG_USERCONFIG: "/dev/null", NPM_CONFIG_GLOBALCONFIG: "/dev/null" };
  expect((await install({ ...env, SANDBOX_AGENT_REGISTRY: registry.url })).version).toBe("1.0.0");
});

test("the variables of this process stay as they are", async () => {
  const before = { ...process.env };
  const { registry, write, install } = await setUp();
  await write(".npmrc", `registry=${registry.url}\nomit=dev\nuser-agent=x`);
  await install();
  expect(process.env).toEqual(before);
});
