import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, expect, it } from "vitest";
import { SandboxAgent } from "../../src/index.ts";
import { startDaemon } from "../support/daemon.ts";
import { pythonPackages } from "../support/registry-packages.ts";
import { temporaryHome } from "../support/sandbox.ts";

const folder = join(import.meta.dirname, "schemathesis");
const token = "of the fuzzer";

let python: Awaited<ReturnType<typeof pythonPackages>>;

beforeAll(async () => {
  python = await pythonPackages("schemathesis", { schemathesis: "4.32.5" });
});

it("every request that the OpenAPI document allows gets an answer that it describes", async () => {
  await using home = await temporaryHome();
  // The discard port: no agent can be installed.
  const env = { NPM_CONFIG_REGISTRY: "http://127.0.0.1:9" };
  await using daemon = await startDaemon({ home, env, args: ["--token", token] });
  const client = await SandboxAgent.connect({ baseUrl: daemon.url, token });
  for (const id of ["one", "another"]) await client.createSession(id, { agent: "mock" });
  const config = ["--config-file", join(folder, "schemathesis.toml")];
  const bounds = ["--checks", "all", "--max-examples", "5", "--seed", "1"];
  const header = ["-H", `Authorization: Bearer ${token}`];
  // As a file: of a document that it loads itself, it does not test the route.
  const served = await (await fetch(`${daemon.url}/openapi.json`)).text();
  const document = join(home.work, "openapi.json");
  await writeFile(document, served);
  const run = ["run", document, "--url", daemon.url, ...bounds, ...header, "--no-color"];
  const { exitCode, stdout } = await execa(
    python.file,
    ["-m", "schemathesis.cli", ...config, ...run],
    {
      cwd: home.work,
      env: {
        ...home.env,
        PYTHONPATH: `${python.env.PYTHONPATH}:${folder}`,
        PYTHONDONTWRITEBYTECODE: "1",
        SANDBOX_AGENT_URL: daemon.url,
        SANDBOX_AGENT_TOKEN: token,
      },
      extendEnv: false,
      reject: false,
    },
  );
  expect(exitCode, stdout).toBe(0);
  // Each phase but that of examples, of which the document has none.
  expect(stdout.match(/^ ✅ {2}(?:Coverage|Fuzzing|Stateful)/gm)).toHaveLength(3);
  const count = served.match(/"operationId":/g)?.length;
  expect(stdout).toContain(`Selected: ${count}/${count}\n  Tested: ${count}\n`);
});
