import { PostgresStore } from "../src/persist/postgres.ts";
import { setTimeout as sleep } from "node:timers/promises";
const s = new PostgresStore(process.argv[2] ?? "");
const key = { source: "", sessionId: "s", createdAt: 1 };
const record = { ...key, agent: "mock", model: null, directory: null, title: null };
let seq = 0;
for (;;) {
  const t = performance.now();
  try {
    await s.openSession(record);
    seq++;
    await s.append(key, [
      {
        event_id: "e",
        sequence: seq,
        time: new Date().toISOString(),
        session_id: "s",
        native_session_id: null,
        synthetic: false,
        source: "agent",
        type: "session.started",
        data: { metadata: null },
        raw: null,
      },
    ]);
    const ms = performance.now() - t;
    if (ms > 1000) console.log("slow", ms);
  } catch (e) {
    console.log(Math.round(performance.now() - t), String(e), (e as any).code);
    await sleep(50);
  }
}
