import { readSession } from "../read-session.js";

globalThis.addEventListener("message", ({ data: { url, session } }) => {
  readSession(url, session).then((lines) => globalThis.postMessage(lines), reportError);
});
