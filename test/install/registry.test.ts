import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Installer } from "../../src/install/installer.ts";
import { defaultRegistry, NpmConfig } from "../../src/install/npm-config.ts";
import { registryOf } from "../../src/install/registry.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import { temporaryHome } from "../support/sandbox.ts";
import {
  agentEntries,
  LINUX,
  META_PACKAGE,
  PLATFORM_PACKAGE,
  publishAgent,
  testRecipe,
} from "../support/test-agent.ts";

async function setUp() {
  const disposables = new AsyncDisposableStack();
  onTestFinished(() => disposables.disposeAsync());
  const home = disposables.use(await temporaryHome());
  const registry = disposables.use(await FakeRegistry.start());
  const other = disposables.use(await FakeRegistry.start());
  const install = async (url: string) => {
    const env = { SANDBOX_AGENT_REGISTRY: url, HOME: home.dir };
    const installDir = join(home.dir, "agents");
    await using installer = new Installer({ installDir, env, platform: LINUX });
    return await installer.install("test", testRecipe);
  };
  return { home, registry, other, install };
}

test.each([
  {
    title: "our own variable",
    env: { SANDBOX_AGENT_REGISTRY: "http://a.test/npm" },
    url: "http://a.test/npm/",
  },
  {
    title: "npm's variable",
    env: { npm_config_registry: "http://b.test/" },
    url: "http://b.test/",
  },
  {
    title: "npm's variable in capitals",
    env: { NPM_CONFIG_REGISTRY: "http://b.test" },
    url: "http://b.test/",
  },
  {
    title: "our own variable before npm's",
    env: { npm_config_registry: "http://b.test/", SANDBOX_AGENT_REGISTRY: "http://a.test/" },
    url: "http://a.test/",
  },
  {
    title: "npm's variable, ours being empty",
    env: { npm_config_registry: "http://b.test/", SANDBOX_AGENT_REGISTRY: "" },
    url: "http://b.test/",
  },
])("the registry is named by $title", async ({ env, url }) => {
  const npm = await NpmConfig.load({ HOME: "/nonexistent", ...env });
  expect(registryOf("@test/agent", { env, npm }).href).toBe(url);
});

test("a registry that is not a URL is an error that does not repeat it", async () => {
  const env = { SANDBOX_AGENT_REGISTRY: "user:secret@host" };
  const npm = await NpmConfig.load({ HOME: "/nonexistent" });
  expect(() => registryOf("agent", { env, npm })).toThrow(
    /^the npm registry is not named by an http or https URL$/,
  );
});

test("the credentials in the registry's URL go to the registry alone", async () => {
  const { registry, other, install } = await setUp();
  publishAgent(registry, "1.0.0");
  registry.publish(PLATFORM_PACKAGE, "1.0.0", {
    entries: agentEntries("1.0.0"),
    tarballUrl: `${other.url}elsewhere.tgz`,
  });
  const url = registry.url.replace("//", "//user:p%40ss@");
  await expect(install(url)).rejects.toMatchObject({
    extensions: { details: { stderr: `${other.url}elsewhere.tgz answered 404` } },
  });
  const basic = `Basic ${btoa("user:p@ss")}`;
  expect(registry.authorizations).toEqual([basic, basic]);
  expect(other.authorizations).toEqual([undefined]);
});

test("a message about the registry does not repeat its credentials", async () => {
  const { registry, install } = await setUp();
  const url = registry.url.replace("//", "//user:secret@");
  const error: unknown = await install(url).catch((error) => error);
  expect(error).toMatchObject({ kind: "install_failed" });
  expect(JSON.stringify(error)).not.toContain("secret");
});

test("a tarball on another host is followed there", async () => {
  const { registry, other, install } = await setUp();
  publishAgent(other, "1.0.0");
  const options = { entries: agentEntries("1.0.0") };
  registry.publish(META_PACKAGE, "1.0.0");
  other.publish(PLATFORM_PACKAGE, "1.0.0", options);
  const path = `${PLATFORM_PACKAGE}/-/agent-linux-x64-1.0.0.tgz`;
  registry.publish(PLATFORM_PACKAGE, "1.0.0", {
    integrity: other.integrity(PLATFORM_PACKAGE, "1.0.0"),
    tarballUrl: other.url + path,
  });
  expect((await install(registry.url)).version).toBe("1.0.0");
  expect(other.requests).toEqual([`/${path}`]);
});

test("a tarball on the public registry is asked of the mirror, as npm does", async () => {
  const { registry, install } = await setUp();
  publishAgent(registry, "1.0.0");
  const path = `${PLATFORM_PACKAGE}/-/agent-linux-x64-1.0.0.tgz`;
  registry.publish(PLATFORM_PACKAGE, "1.0.0", {
    entries: agentEntries("1.0.0"),
    tarballUrl: defaultRegistry + path,
  });
  expect((await install(registry.url)).version).toBe("1.0.0");
  expect(registry.requests.at(-1)).toBe(`/${path}`);
});

test("a redirect is followed to another host, without the credentials", async () => {
  const { registry, other, install } = await setUp();
  publishAgent(registry, "1.0.0");
  const path = `${PLATFORM_PACKAGE}/-/agent-linux-x64-1.0.0.tgz`;
  other.publish(PLATFORM_PACKAGE, "1.0.0", { entries: agentEntries("1.0.0") });
  registry.publish(PLATFORM_PACKAGE, "1.0.0", {
    integrity: other.integrity(PLATFORM_PACKAGE, "1.0.0"),
  });
  registry.break(/\.tgz$/, { kind: "redirect", to: other.url + path });
  expect((await install(registry.url.replace("//", "//user:secret@"))).version).toBe("1.0.0");
  expect(other.authorizations).toEqual([undefined]);
});

test.each(["file:///etc/passwd", "not a url", "ftp://host/file.tgz"])(
  "a tarball at %s is refused",
  async (tarballUrl) => {
    const { registry, install } = await setUp();
    publishAgent(registry, "1.0.0");
    registry.publish(PLATFORM_PACKAGE, "1.0.0", { entries: agentEntries("1.0.0"), tarballUrl });
    await expect(install(registry.url)).rejects.toMatchObject({
      extensions: { details: { stderr: "the metadata names no address of the tarball" } },
    });
  },
);
