import { EventEmitter } from "node:events";
import { renameSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Inside } from "./inside.ts";

type Counts = Pick<Inside, "timers" | "emitterListeners" | "targetListeners">;

// Loaded into the daemon before its own program (`node --import`): at SIGUSR2 it writes what the
// process holds to the file that SOAK_PROBE names. The heap itself is asked, so that nothing counts
// which is garbage, and everything does which is not, whoever holds it.

const file = process.env["SOAK_PROBE"];
const timeout = setInterval(() => {}, 1000);
clearInterval(timeout);
const kEvents = Object.getOwnPropertySymbols(new EventTarget()).find(
  ({ description }) => description === "kEvents",
);
if (!kEvents) throw new Error("this runtime keeps the listeners of an EventTarget elsewhere");

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

// A search of the heap takes a quarter of a second. A common prototype replaces three searches by one.
const common = {};
for (const { prototype } of [timeout.constructor, EventEmitter, EventTarget]) {
  Object.setPrototypeOf(prototype, common);
}

// The inspector's expressions refer to these.
Object.assign(globalThis, {
  soak: { common, EventEmitter, Timeout: timeout.constructor, kEvents },
});

const count = `function () {
  const counts = { timers: 0, emitterListeners: 0, targetListeners: 0 };
  for (const object of this) {
    if (object instanceof soak.Timeout) {
      if (object._destroyed === false) counts.timers += 1;
    } else if (object instanceof soak.EventEmitter) {
      for (const name of Reflect.ownKeys(object._events ?? {})) {
        const listeners = object._events[name];
        counts.emitterListeners += Array.isArray(listeners) ? listeners.length : listeners ? 1 : 0;
      }
    } else {
      for (const { size } of object[soak.kEvents]?.values() ?? []) counts.targetListeners += size;
    }
  }
  return counts;
}`;

process.on("SIGUSR2", () => {
  if (file === undefined) return;
  writeFileSync(`${file}.part`, JSON.stringify(inside()));
  renameSync(`${file}.part`, file);
});

function inside(): Inside {
  const inspector = new Session();
  inspector.connect();
  try {
    const counts = countObjects(inspector);
    ask(inspector, "Runtime.releaseObjectGroup", { objectGroup: "soak" });
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return {
      ...counts,
      heapBytes: heapUsed,
      bufferBytes: arrayBuffers,
      resources: process.getActiveResourcesInfo(),
    };
  } finally {
    inspector.disconnect();
  }
}

/** Counts the armed timers and the listeners of all living objects. */
function countObjects(inspector: Session): Counts {
  const objectGroup = "soak";
  const prototype = ask(inspector, "Runtime.evaluate", { expression: "soak.common", objectGroup });
  const prototypeObjectId = prototype.result?.objectId;
  const found = ask(inspector, "Runtime.queryObjects", { prototypeObjectId, objectGroup });
  const objectId = found.objects?.objectId;
  const call = { objectId, functionDeclaration: count, returnByValue: true };
  const counts = ask(inspector, "Runtime.callFunctionOn", call).result?.value;
  if (!counts) throw new Error("the objects were not counted");
  return counts;
}

interface InspectorAnswer {
  result?: { objectId?: string; value?: Counts };
  objects?: { objectId?: string };
}

/** Asks the inspector of this very thread, which answers before `post` returns. */
function ask(inspector: Session, method: string, params: object = {}): InspectorAnswer {
  let answer: InspectorAnswer = {};
  inspector.post(method, params, (error, found: InspectorAnswer = {}) => {
    if (error) throw error;
    answer = found;
  });
  return answer;
}
