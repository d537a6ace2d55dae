import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import manifest from "../../package.json" with { type: "json" };

/** Programs that the daemon, its helpers or an agent may look for by their names. */
const PROGRAMS =
  "amp bash bun claude codex curl env git node npm npx opencode ps sandbox-agent setpriv sh tar".split(
    " ",
  );

/** Packages that the compiled program may look for beside the ones of `package.json`. */
const PACKAGES = (
  "@fastify/ajv-compiler @fastify/fast-json-stringify-compiler @opentelemetry/api bufferutil dotenv " +
  "encoding light-my-request node-gyp pg pg-native pino-abstract-transport supports-color " +
  "thread-stream utf-8-validate"
)
  .split(" ")
  .concat(Object.keys(manifest.dependencies));

export interface PlantOptions {
  /** The address of a registry that must not be asked. */
  registry: string;
  /** A folder in which everything that runs leaves a file. */
  marks: string;
}

/**
 * Fills a folder with every kind of file by which a project could configure a program that is
 * started in it: of npm, Bun, Node, other package managers, version managers and agents.
 */
export async function plantFiles(folder: string, { registry, marks }: PlantOptions): Promise<void> {
  const host = new URL(registry).host;
  const npmrc = [
    `registry=${registry}`,
    `@anthropic-ai:registry=${registry}`,
    `@openai:registry=${registry}`,
    `//${host}/:_authToken=planted`,
    `proxy=${registry}`,
    `https-proxy=${registry}`,
    `cafile=${join(folder, "ca.pem")}`,
  ].join("\n");
  const variables = [
    "PLANTED=1",
    "SANDBOX_AGENT_TOKEN=planted-token",
    `SANDBOX_AGENT_REGISTRY=${registry}`,
    `npm_config_registry=${registry}`,
    `HTTP_PROXY=${registry}`,
    "ANTHROPIC_API_KEY=planted-key",
    `NODE_OPTIONS=--require ${join(folder, "planted.cjs")}`,
  ].join("\n");
  const mark = (name: string) =>
    `require("node:fs").writeFileSync(${JSON.stringify(join(marks, name))}, "")`;
  const preload = `preload = ["./planted.cjs"]\n[install]\nregistry = "${registry}"\n`;
  const files: Record<string, string> = {
    ".npmrc": npmrc,
    npmrc,
    "etc/npmrc": npmrc,
    "lib/node_modules/npm/npmrc": npmrc,
    ".config/npm/npmrc": npmrc,
    ...Object.fromEntries(
      ["", ".local", ".production", ".development", ".test", ".production.local"].map((kind) => [
        `.env${kind}`,
        variables,
      ]),
    ),
    "planted.cjs": mark("planted.cjs"),
    "bunfig.toml": preload,
    ".bunfig.toml": preload,
    "package.json": JSON.stringify({
      name: "planted",
      type: "commonjs",
      main: "./planted.cjs",
      exports: "./planted.cjs",
      imports: { "#*": "./planted.cjs" },
      config: { registry },
      npm: { registry },
      workspaces: ["*"],
      "pino-pretty": { messageFormat: "planted" },
    }),
    "tsconfig.json": JSON.stringify({
      compilerOptions: { baseUrl: ".", paths: { "*": ["./planted.cjs"] } },
    }),
    "jsconfig.json": JSON.stringify({ compilerOptions: { paths: { "*": ["./planted.cjs"] } } }),
    "node.config.json": JSON.stringify({ nodeOptions: { require: ["./planted.cjs"] } }),
    ".pnp.cjs": mark("pnp.cjs"),
    ".pnpmfile.cjs": mark("pnpmfile.cjs"),
    ".pnp.loader.mjs": mark("pnp.loader.mjs"),
    ".pino-prettyrc": JSON.stringify({ messageFormat: "planted" }),
    ".yarnrc": `registry "${registry}"\n`,
    ".yarnrc.yml": `npmRegistryServer: "${registry}"\nunsafeHttpWhitelist: ["*"]\n`,
    ".nvmrc": "6.6.6\n",
    ".node-version": "6.6.6\n",
    ".tool-versions": "nodejs 6.6.6\n",
    "mise.toml": '[env]\nPLANTED = "1"\n',
    ".envrc": "export PLANTED=1\n",
    ".netrc": `machine ${host} login planted password planted\n`,
    ".curlrc": `proxy = "${registry}"\n`,
    ".wgetrc": `http_proxy = ${registry}\n`,
    "openssl.cnf": "planted",
    ".claude/.credentials.json": JSON.stringify({
      claudeAiOauth: { accessToken: "planted-key", expiresAt: 4_102_444_800_000 },
    }),
    ".codex/auth.json": JSON.stringify({ OPENAI_API_KEY: "planted-key" }),
  };
  for (const name of PACKAGES) {
    files[`node_modules/${name}/package.json`] = JSON.stringify({ name, main: "index.js" });
    files[`node_modules/${name}/index.js`] = mark(name.replace("/", "+"));
  }
  const scripts = ["", "bin", "node_modules/.bin"].flatMap((place) =>
    PROGRAMS.map((name) => join(place, name)),
  );
  // Laid out as an install dir and as a user's data folder.
  scripts.push(
    "agents/claude/6.6.6/claude",
    ".local/share/sandbox-agent/agents/claude/6.6.6/claude",
  );
  for (const name of scripts) {
    files[name] = `#!/bin/sh\n: > '${join(marks, name.replaceAll("/", "+"))}'\nexit 1\n`;
  }
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    if (scripts.includes(name)) await chmod(path, 0o755);
  }
}
