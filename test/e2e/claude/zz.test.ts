import { it } from "vitest";
import { startDaemon } from "/work/main/test/support/daemon.ts";
import { temporaryHome, claudeEnv } from "/work/main/test/support/sandbox.ts";
import { startModelServer } from "/work/main/test/support/model-server.ts";
import { realClaude } from "/work/main/test/support/real-claude.ts";
it("x", async () => {
  const { installDir } = await realClaude();
  await using home = await temporaryHome();
  await using server = await startModelServer();
  await using d = await startDaemon({ home, args: ["--no-token", "--install-dir", installDir], env: claudeEnv(server) });
  const t0 = performance.now();
  let r = await fetch(`${d.url}/v1/sessions/a`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ agent: "claude" }) });
  console.log(r.status, await r.text(), performance.now() - t0);
  r = await fetch(`${d.url}/v1/sessions/a/messages/stream`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ message: "hi @@text@@" }) });
  console.log(r.status, await r.text(), performance.now() - t0);
  console.log(await (await fetch(`${d.url}/v1/sessions/a`)).text());
  console.log(d.stderr());
}, 60000);
