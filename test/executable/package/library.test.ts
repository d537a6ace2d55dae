import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, inject, it } from "vitest";
import { version } from "../../../src/version.ts";
import { compile, strictOptions } from "../../support/installed-package.ts";
import { npmRegistryEnvironment } from "../../support/npm-registry.ts";
import { expectNoProcesses } from "../../support/processes.ts";
import { type TemporaryHome, temporaryHome } from "../../support/sandbox.ts";
import { shippedEntry } from "../entry.ts";

const folder = inject("project");
const node = shippedEntry().file;
const bun = join(import.meta.dirname, "../../../node_modules/.bin/bun");

/** Runs a program of the project with nothing but a home in its environment. */
async function run(home: TemporaryHome, file: string, args: string[]): Promise<string> {
  const PATH = `${join(node, "..")}:${home.env["PATH"]}`;
  const env = { ...home.env, PATH };
  const { stdout } = await execa(file, args, { cwd: folder, env, extendEnv: false });
  return stdout;
}

const program = `import { SandboxAgent, SandboxAgentError } from "sandbox-agent";

const client = await SandboxAgent.start({ spawn: { log: "silent", timeoutMs: 60_000 } });
const session = await client.openSession({ agent: "mock" }, "s");
for await (const event of session.prompt("permission", { onPermission: () => "once" })) {
  if (event.type === "permission.resolved") console.log(event.data.action, event.data.status);
}
try {
  await client.getSession("nobody");
} catch (error) {
  console.log(error instanceof SandboxAgentError, error.status);
}
await client.dispose();
`;

describe.each([
  ["the oldest Node", node],
  ["Bun", bun],
])("the installed package in %s", (_, runtime) => {
  it("starts its daemon, holds a turn with it, and ends it", async () => {
    await using home = await temporaryHome();
    await writeFile(join(folder, "program.js"), program);
    expect(await run(home, runtime, ["program.js"])).toBe(
      "command_execution accept\nfile_change accept\ntrue 404",
    );
    await expectNoProcesses(home.dir);
  });

  it("can be asked for its manifest, and brings nothing to start a daemon into a page", async () => {
    await using home = await temporaryHome();
    await writeFile(
      join(folder, "page.js"),
      `import manifest from "sandbox-agent/package.json" with { type: "json" };
import { SandboxAgent } from "sandbox-agent";
console.log(manifest.version);
await SandboxAgent.start().catch((error) => console.log(error.message));
`,
    );
    expect(await run(home, runtime, ["--conditions=browser", "page.js"])).toBe(
      `${version}\nAutospawn requires a Node.js runtime.`,
    );
  });
});

it.each([
  ["npx", "npx", ["--no-install", "sandbox-agent"]],
  ["bunx", bun, ["x", "--bun", "--no-install", "sandbox-agent"]],
])("its command line runs by %s", async (_, file, args) => {
  await using home = await temporaryHome();
  expect(await run(home, file, [...args, "--version"])).toBe(`sandbox-agent ${version}`);
});

it("npx fetches and runs the packed tarball where nothing is installed", async () => {
  await using home = await temporaryHome();
  const [tarball = ""] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  const env = {
    ...home.env,
    ...(await npmRegistryEnvironment()),
    PATH: `${join(node, "..")}:${home.env["PATH"]}`,
    npm_config_cache: join(home.dir, "npm"),
  };
  const npx = async (...args: string[]) => {
    const named = ["--yes", "--package", join(folder, tarball), "--", "sandbox-agent", ...args];
    return await execa("npx", named, { cwd: home.work, env, extendEnv: false });
  };
  expect((await npx("--version")).stdout).toBe(`sandbox-agent ${version}`);
  expect((await npx("run", "--agent", "mock", "hello")).stdout).toContain("hello");
  expect(await readdir(home.work)).toEqual([]);
  await expectNoProcesses(home.dir);
});

it.each(["node", "bundler"] as const)(
  "its types are found and hold under strict settings, resolved as by %s, without those of Node",
  async (modules) => {
    await writeFile(
      join(folder, "typed.ts"),
      `import { SandboxAgent, type SessionInfo, type UniversalEvent } from "sandbox-agent";

export async function ask(baseUrl: string, text: string): Promise<SessionInfo> {
  const client = await SandboxAgent.connect({ baseUrl });
  const session = await client.openSession({ agent: "mock" });
  const seen: UniversalEvent[] = [];
  for await (const event of session.prompt(text, { onQuestion: ({ options }) => [options] })) {
    if (event.type === "item.delta") console.log(event.data.delta.length);
    // @ts-expect-error A delta has no such member.
    if (event.type === "item.delta") console.log(event.data.item);
    seen.push(event);
  }
  const info = await session.info();
  const status: "starting" | "idle" | "running" | "ended" = info.status;
  return { ...info, status };
}
`,
    );
    const compilerOptions = strictOptions(modules, { types: [], noEmit: true });
    const config = { compilerOptions, files: ["typed.ts"] };
    await writeFile(join(folder, `${modules}.json`), JSON.stringify(config));
    await compile(folder, `${modules}.json`);
  },
);

it("what its manifest names is there", async () => {
  const installed = join(folder, "node_modules/sandbox-agent");
  const manifest = JSON.parse(await readFile(join(installed, "package.json"), "utf8")) as {
    main: string;
    types: string;
    bin: Record<string, string>;
    exports: Record<string, string | Record<string, string>>;
  };
  const { main, types, bin, exports } = manifest;
  const conditions = Object.values(exports).map((given) =>
    typeof given === "string" ? [given] : Object.values(given),
  );
  for (const file of [main, types, ...Object.values(bin), ...conditions.flat()]) {
    expect(await readFile(join(installed, file), "utf8"), file).not.toBe("");
  }
  // The first condition that fits counts.
  expect(Object.keys(exports["."] ?? {})).toEqual(["types", "browser", "default"]);
});
