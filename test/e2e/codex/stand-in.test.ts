import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startDaemon } from "../../support/daemon.ts";
import { LiveSession } from "../../support/live-session.ts";
import { expectNoProcesses } from "../../support/processes.ts";
import { temporaryHome } from "../../support/sandbox.ts";

/** An app-server that asks what the real one (0.169.0) asks only of clients that offer more than we do. */
const SERVER = `
import { createInterface } from "node:readline";
const send = (message) => process.stdout.write(JSON.stringify(message) + "\\n");
const turn = { id: "turn", items: [], status: "inProgress", error: null };
const place = { threadId: "thread", turnId: "turn" };
const asked = [
  ["item/tool/call", { ...place, callId: "c", tool: "t", arguments: {} }],
  ["attestation/generate", {}],
  ["item/unheard/of", place],
];
const answers = [];
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, ...rest } = JSON.parse(line);
  if (method === "thread/start") send({ id, result: { thread: { id: "thread" }, model: "m" } });
  else if (method === "turn/start") {
    send({ id, result: { turn } });
    send({ method: "turn/started", params: { threadId: "thread", turn } });
    for (const [at, [method, params]] of asked.entries()) send({ id: at, method, params });
  } else if (method !== undefined) {
    if (id !== undefined) send({ id, result: { data: [], config: {} } });
  } else if (answers.push({ id, ...rest }) === asked.length) {
    const text = JSON.stringify(answers);
    const item = { type: "agentMessage", id: "said", text };
    send({ method: "item/completed", params: { ...place, item } });
    const completed = { ...turn, status: "completed" };
    send({ method: "turn/completed", params: { threadId: "thread", turn: completed } });
  }
}
`;

it("a request that no client of ours could answer is refused and told, and the turn goes on", async () => {
  await using home = await temporaryHome();
  const folder = join(home.dir, "bin");
  await mkdir(folder);
  await writeFile(join(folder, "server.mjs"), SERVER);
  const start = `exec ${process.execPath} ${join(folder, "server.mjs")}`;
  await writeFile(join(folder, "codex"), `#!/bin/sh\n[ "$1" = sandbox ] || ${start}\n`);
  await chmod(join(folder, "codex"), 0o755);
  await using daemon = await startDaemon({
    home,
    args: ["--no-token", "--offline"],
    env: { OPENAI_API_KEY: "sk-dummy", PATH: `${folder}:${home.env["PATH"]}` },
  });
  const session = await LiveSession.open(daemon.url, "s", { agent: "codex" });
  expect(await session.run("hi")).toMatchObject({ status: "completed" });
  const refused = (id: number, method: string) => ({
    id,
    error: { code: -32_601, message: `${method} is not supported` },
  });
  const answers = JSON.parse(session.said()[0] ?? "") as { id: number }[];
  expect(answers.toSorted((a, b) => a.id - b.id)).toEqual([
    refused(0, "item/tool/call"),
    refused(1, "attestation/generate"),
    refused(2, "item/unheard/of"),
  ]);
  const items = session.of("item.completed").map(({ data }) => data.item);
  const unknown = items.filter(({ kind }) => kind === "unknown");
  expect(unknown.map(({ content }) => content[0])).toMatchObject([
    { type: "json", json: { method: "item/tool/call", params: { callId: "c" } } },
    { type: "json", json: { method: "attestation/generate" } },
    { type: "json", json: { method: "item/unheard/of" } },
  ]);
  await session.finish([], { kind: "method" });
  expect(await daemon.stop()).toEqual({ code: 0, signal: null });
  await expectNoProcesses(home.dir);
});
