import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, it } from "vitest";
import { runMain } from "../cli/main.ts";
import { codeBlocks, tableRows } from "../support/code-blocks.ts";
import { documentsIn } from "../support/documents.ts";
import { runExample } from "../support/example.ts";
import { freePort } from "../support/free-port.ts";
import { expectNoProcesses } from "../support/processes.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { runShell } from "../support/shell.ts";
import { compileCache, shellCommand } from "../support/program.ts";

const repository = join(import.meta.dirname, "../..");
const main = join(repository, "src/main.ts");
const read = (path: string) => readFile(join(repository, path), "utf8");
const guides = documentsIn("docs/deploy").filter((path) => !path.endsWith("README.md"));

it.each(guides)(
  "%s names time-outs, port and keys, and the index and README lead to it",
  async (path) => {
    const headings = [...(await read(path)).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(["Time-outs", "Port", "Keys"]);
    const rows = tableRows(await read("docs/deploy/README.md"));
    expect(rows.filter(([guide]) => guide?.includes(`(${basename(path)})`))).toHaveLength(1);
    expect(await read("README.md")).toContain(`(${path})`);
  },
);

it("the port that the guides name is the image's", async () => {
  const [, port] = /^EXPOSE (\d+)$/m.exec(await read("Dockerfile")) ?? [];
  expect(await read("docs/deploy/docker.md")).toContain(`-p 127.0.0.1:${port}:${port}`);
  expect(await read("docs/deploy/fly.md")).toContain(`internal_port = ${port}\n`);
  expect(await read("docs/deploy/aws.md")).toContain(`containerPort: ${port} `);
});

it("the health check of the task is the image's", async () => {
  const [, words = ""] = /^\s+CMD (\["curl".+\])$/m.exec(await read("Dockerfile")) ?? [];
  expect(await read("docs/deploy/aws.md")).toContain(`["CMD", ${words.slice(1)}`);
});

it("the local guide's commands and its program work as written", async () => {
  await using home = await temporaryHome();
  const port = await freePort();
  const bin = join(home.dir, "bin");
  await mkdir(bin);
  await writeFile(
    join(bin, "sandbox-agent"),
    `#!/bin/sh\nexec ${shellCommand({ file: process.execPath, args: [...compileCache, main] })} "$@"\n`,
  );
  await chmod(join(bin, "sandbox-agent"), 0o755);
  // Also where the guide's own last command was not reached.
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => void (await runMain(home, ["daemon", "stop", "--port", `${port}`])));
  const blocks = await codeBlocks("docs/deploy/local.md");
  const here = (text: string) =>
    text
      .replaceAll("127.0.0.1:2468", `127.0.0.1:${port}`)
      .replaceAll(/daemon (start|stop|status)/g, `daemon $1 --port ${port}`);
  const [start = "", stop = ""] = blocks
    .filter(({ language }) => language === "sh")
    .map(({ text }) => here(text));
  const shell = {
    home,
    curl: "stand-in",
    env: { PATH: `${bin}:/usr/local/bin:/usr/bin:/bin` },
  } as const;
  const printed = await runShell(`${start}\necho; echo "token=$SANDBOX_AGENT_TOKEN"`, shell);
  expect(printed).toContain('"id":"mock"');
  const [, token = ""] = /^token=([0-9a-f]{48})$/m.exec(printed) ?? [];
  const refused = await fetch(`http://127.0.0.1:${port}/v1/agents`);
  expect(refused.status).toBe(401);
  const [program] = blocks.filter(({ language }) => language === "ts");
  const text = here(program?.text ?? "").replace(
    'process.env["SANDBOX_AGENT_TOKEN"]',
    JSON.stringify(token),
  );
  expect((await runExample(text)).split("\n").at(-1)).toBe("turn.ended");
  await runShell(stop, shell);
  await expectNoProcesses(home.dir);
}, 300_000);
