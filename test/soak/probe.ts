import { EventEmitter } from "node:events";
import { renameSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Inside } from "./inside.ts";

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

// What the inspector's expressions refer to.
Object.assign(globalThis, { soak: { EventEmitter, Timeout: timeout.constructor, kEvents } });

const armed =
  "function () { return this.filter(({ _destroyed }) => _destroyed === false).length; }";
const ofEmitters = `function () {
  let count = 0;
  for (const { _events } of this) {
    for (const name of Reflect.ownKeys(_events ?? {})) {
      const listeners = _events[name];
      count += Array.isArray(listeners) ? listeners.length : listeners ? 1 : 0;
    }
  }
  return count;
}`;
const ofTargets = `function () {
  let count = 0;
  for (const target of this) {
    for (const { size } of target[soak.kEvents]?.values() ?? []) count += size;
  }
  return count;
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
    const timers = ofAll(inspector, "soak.Timeout", armed);
    const emitterListeners = ofAll(inspector, "soak.EventEmitter", ofEmitters);
    const targetListeners = ofAll(inspector, "EventTarget", ofTargets);
    ask(inspector, "Runtime.releaseObjectGroup", { objectGroup: "soak" });
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return {
      timers,
      emitterListeners,
      targetListeners,
      heapBytes: heapUsed,
      bufferBytes: arrayBuffers,
      resources: process.getActiveResourcesInfo(),
    };
  } finally {
    inspector.disconnect();
  }
}

/** The result of a function whose `this` is the array of all living objects of a class. */
function ofAll(inspector: Session, className: string, functionDeclaration: string): number {
  const objectGroup = "soak";
  const expression = `${className}.prototype`;
  const prototypeObjectId = ask(inspector, "Runtime.evaluate", { expression, objectGroup }).result
    ?.objectId;
  const objectId = ask(inspector, "Runtime.queryObjects", { prototypeObjectId, objectGroup })
    .objects?.objectId;
  const call = { objectId, functionDeclaration, returnByValue: true };
  const count = ask(inspector, "Runtime.callFunctionOn", call).result?.value;
  if (typeof count !== "number") throw new Error(`the instances of ${className} were not counted`);
  return count;
}

interface InspectorAnswer {
  result?: { objectId?: string; value?: unknown };
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
