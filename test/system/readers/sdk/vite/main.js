import { readSession } from "../read-session.js";

globalThis.readSession = readSession;

globalThis.readSessionInWorker = (url, session) => {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers();
  worker.addEventListener("message", ({ data }) => resolve(data));
  worker.addEventListener("error", reject);
  worker.postMessage({ url, session });
  return promise;
};
