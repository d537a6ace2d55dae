import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { bounded } from "../regular-expressions/bounded.ts";
import { findExpressions } from "../regular-expressions/find.ts";
import { textFunctions } from "../regular-expressions/functions.ts";
import {
  type Beginning,
  beginningsOf,
  commonBeginnings,
  lengthen,
} from "../regular-expressions/inputs.ts";
import { apply, elapsedMs } from "../regular-expressions/work.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import type { Program } from "../support/program.ts";
import { temporaryHome } from "../support/sandbox.ts";

const MIB = 1024 * 1024;
const LIMIT_MS = 250;
const HEALTH_LIMIT_MS = 500;
/** Requests without a token, each with a path as long as Node takes. */
const REQUESTS = 20;
const PATH_CHARACTERS = 14_500;
/** Beginnings of paths that an earlier version took long to log. */
const PATHS = ["hello-", "secret=", "-eyJ", "token=", "://a:", "sk-ant-"];

/** Prints how long 1 MiB of each beginning takes, and how long the daemon's health takes meanwhile. */
export async function printRegularExpressions(programs: readonly Program[]): Promise<boolean> {
  const all = [expressionFigures(), functionFigures()].flat().toSorted((a, b) => b.ms - a.ms);
  const slow = all.filter(({ ms }) => ms > LIMIT_MS);
  console.log(`1 MiB of each beginning, the slowest of ${all.length} (limit ${LIMIT_MS} ms)`);
  for (const { ms, name, unit } of new Set([...slow, ...all.slice(0, 10)])) {
    console.log(`${ms.toFixed(0).padStart(6)} ms  ${name}  ${JSON.stringify(unit)}`);
  }
  let isQuick = slow.length === 0;
  for (const one of programs) {
    const worst = await healthFigures(one);
    for (const [unit, ms] of worst) {
      console.log(
        `${ms.toFixed(0).padStart(6)} ms  health while ${JSON.stringify(unit)} is logged`,
      );
      isQuick &&= ms <= HEALTH_LIMIT_MS;
    }
  }
  return isQuick;
}

interface Figure {
  name: string;
  unit: string;
  ms: number;
}

function expressionFigures(): Figure[] {
  return findExpressions().flatMap((expression) => {
    const { regex, file, source } = expression;
    if (!regex || bounded[file]?.[source] !== undefined) return [];
    const beginnings = [...beginningsOf(regex), ...commonBeginnings];
    return slowest(`${file} ${source}`, beginnings, (text) => apply(expression, text));
  });
}

function functionFigures(): Figure[] {
  return textFunctions.flatMap(({ name, run }) => slowest(name, commonBeginnings, run));
}

function slowest(
  name: string,
  beginnings: readonly Beginning[],
  run: (text: string) => unknown,
): Figure[] {
  let [unit, worst] = ["", 0];
  for (const beginning of beginnings) {
    const text = lengthen(beginning, MIB);
    let ms = elapsedMs(() => run(text));
    // A busy machine adds to some runs, not to each.
    for (let n = 0; n < 4 && ms > LIMIT_MS; n++)
      ms = Math.min(
        ms,
        elapsedMs(() => run(text)),
      );
    if (ms > worst) [unit, worst] = [beginning.unit, ms];
  }
  return [{ name, unit, ms: worst }];
}

async function healthFigures(entry: Program): Promise<Map<string, number>> {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home, entry, args: ["--token", "a-token-of-a-test"] });
  const worst = new Map<string, number>();
  for (const unit of PATHS) worst.set(unit, await worstHealth(daemon, unit));
  return worst;
}

/** Returns the longest answer of health while requests with such paths come in. */
async function worstHealth(daemon: Daemon, unit: string): Promise<number> {
  const path = unit.repeat(PATH_CHARACTERS / unit.length);
  const text = `GET /v1/${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
  const { hostname, port } = new URL(daemon.url);
  const socket = connect(Number(port), hostname).resume();
  socket.on("error", () => {});
  socket.write(text.repeat(REQUESTS));
  let worst = 0;
  for (let n = 0; n < 20; n++) {
    const start = performance.now();
    await (await fetch(`${daemon.url}/v1/health`)).text();
    worst = Math.max(worst, performance.now() - start);
    await sleep(10);
  }
  socket.destroy();
  return worst;
}
