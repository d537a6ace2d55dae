import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { readSession } from "./read-session.js";

if (isMainThread) {
  const [url, session] = process.argv.slice(2);
  const worker = new Worker(new URL(import.meta.url), { workerData: { url, session } });
  worker.on("message", (lines) => process.stdout.write(`${lines.join("\n")}\n`));
} else {
  const { url, session } = workerData;
  parentPort.postMessage(await readSession(url, session));
}
