import type { Readable } from "node:stream";
import { LineSplitter } from "./lines.ts";
import { OWNER_VARIABLE } from "./owner.ts";
import { ProcessTree, killAll } from "./process-tree.ts";

const KILL_TIMEOUT_MS = 5000;

/**
 * The guardian's whole life: it reads what its daemon writes (`owner <prefix>`, `+<pid>`, `-<pid>`,
 * `quit`) and, when the pipe ends without a `quit`, kills the trees it was told of and whatever
 * carries the daemon's marker.
 */
export async function runGuardian(input: Readable): Promise<void> {
  const splitter = new LineSplitter({ limitBytes: 4096 });
  const trees = new Map<number, ProcessTree>();
  for await (const chunk of input) {
    for (const line of splitter.push(chunk)) {
      if (line === "quit") return;
      if (typeof line === "string") await obey(line, trees);
    }
  }
  await Promise.all(
    [...trees.values()].map((tree) =>
      killAll(() => tree.refresh(), { timeoutMs: KILL_TIMEOUT_MS }),
    ),
  );
}

async function obey(line: string, trees: Map<number, ProcessTree>): Promise<void> {
  const owner = /^owner (.+)$/.exec(line)?.[1];
  const [, sign, digits] = /^([+-])(\d+)$/.exec(line) ?? [];
  const pid = Number(digits);
  if (owner !== undefined) {
    const accepts = (value: string): boolean => value.startsWith(`${owner}:`);
    trees.set(0, new ProcessTree(undefined, { variable: OWNER_VARIABLE, accepts }));
  } else if (sign === "+") {
    const tree = new ProcessTree(pid);
    // One look now fixes whom the pid means; when the daemon is dead it may be another's.
    await tree.refresh();
    tree.releaseRoot();
    trees.set(pid, tree);
  } else if (sign === "-") {
    trees.delete(pid);
  }
}
