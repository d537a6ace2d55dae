import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { pino } from "pino";
import { expect, it } from "vitest";
import { repository } from "../repo/files.ts";
import { codeBlocks } from "../support/code-blocks.ts";
import { startDaemon } from "../support/daemon.ts";
import { listeningApp } from "../support/listening-app.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { validatedApp } from "../support/validated-app.ts";

const document = await readFile(join(repository, "docs/operating.md"), "utf8");

it("tells every metric of ours, its labels, and some of the process", async () => {
  await using app = await validatedApp();
  const { body } = await app.get("/metrics");
  const scraped = [...body.matchAll(/^# TYPE (sandbox_agent_\w+)/gm)].map(([, name = ""]) => name);
  const rows = [...document.matchAll(/^\| `(sandbox_agent_\w+)`/gm)].map(([, name = ""]) => name);
  expect(rows.toSorted()).toEqual(scraped.toSorted());
  const named = document.match(/`(?:process|nodejs)_\w+`/g) ?? [];
  expect(named.length).toBeGreaterThan(3);
  for (const name of named) expect(body).toContain(`# TYPE ${name.replaceAll("`", "")} `);
});

it("shows the line of a request as it is logged", async () => {
  const [, json = ""] = /```json\n(.*?)```/s.exec(document) ?? [];
  const lines: string[] = [];
  const logger = pino({}, { write: (line: string) => lines.push(line) });
  await using app = await listeningApp({ logger });
  await (await fetch(`${app.url}/v1/sessions`)).text();
  const logged = () => lines.find((line) => line.includes("/v1/sessions")) ?? "{}";
  await expect.poll(() => Object.keys(JSON.parse(logged()))).toEqual(Object.keys(JSON.parse(json)));
});

it("its requests are answered by a daemon that asks for a token", async () => {
  const token = "token-of-this-test";
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home, args: ["--token", token] });
  const blocks = await codeBlocks("docs/operating.md");
  const requests = blocks.filter(({ text }) => text.startsWith("curl "));
  expect(requests).toHaveLength(2);
  for (const { text } of requests) {
    const command = text.replace("http://127.0.0.1:2468", daemon.url);
    const env = { ...home.env, TOKEN: token };
    const { stdout } = await execa("sh", ["-c", command], { env, extendEnv: false });
    expect(stdout).toMatch(/^# HELP |^\{"status":"ok"\}$/m);
  }
});
