import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Memory of buffers that are in use, in bytes: garbage is collected before. */
export function arrayBufferBytes(): number {
  collect();
  return process.memoryUsage().arrayBuffers;
}
