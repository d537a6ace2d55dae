import { parseArgs } from "node:util";
import type { Sample } from "./inside.ts";
import { requirements } from "./requirements.ts";
import { soak, type SoakReport } from "./soak.ts";

// The long form: prints what it counts, and fails where a requirement is not met.

const { values } = parseArgs({
  options: {
    sessions: { type: "string", default: "500" },
    seconds: { type: "string", default: "120" },
    "message-bytes": { type: "string", default: "60" },
  },
});

const report = await soak({
  sessions: Number(values.sessions),
  seconds: Number(values.seconds),
  parts: 4,
  messageBytes: Number(values["message-bytes"]),
  onProgress: (line) => console.error(line),
});
print(report);
let broken = 0;
for (const { title, contradictions } of requirements) {
  const found = contradictions(report);
  console.log(`${found.length === 0 ? "ok    " : "BROKEN"} ${title}`);
  for (const contradiction of found) console.log(`         ${contradiction}`);
  if (found.length > 0) broken += 1;
}
process.exitCode = broken === 0 ? 0 : 1;

function print({ sessions, seconds, before, open, rests, after, end, resident, cpu }: SoakReport) {
  console.log(`${sessions} sessions and readers, a turn each second for ${seconds} s`);
  console.log(
    `${end.turnsEnded} turns, ${end.events} events, ${end.lost} lost, ${end.refused} messages refused`,
  );
  const { median, p99, longest } = end.turnMs;
  console.log(
    `a turn takes ${median} ms (99 %: ${p99}, longest: ${longest}), the mock's pauses 800`,
  );
  console.log(
    `the latest message was sent ${end.latestMs} ms late; daemon ${cpu.toFixed(2)} CPUs\n`,
  );
  const rows: [string, Sample][] = [
    ["before", before],
    ["open", open],
    ...rests.map((rest, index): [string, Sample] => [`after part ${index + 1}`, rest]),
    ["after", after],
  ];
  console.table(Object.fromEntries(rows.map(([moment, sample]) => [moment, row(sample)])));
  console.log("resident MiB in each part, most of every five seconds:");
  for (const curve of resident) console.log(`  ${fiveSeconds(curve).map(mib).join(" ")}`);
}

/** The largest of every ten of what was noted twice a second. */
function fiveSeconds(curve: readonly number[]): number[] {
  return Array.from({ length: Math.ceil(curve.length / 10) }, (_, index) =>
    Math.max(...curve.slice(index * 10, index * 10 + 10)),
  );
}

function row(sample: Sample): Record<string, number> {
  return {
    descriptors: sample.descriptors,
    sockets: sample.sockets,
    timers: sample.timers,
    "emitter listeners": sample.emitterListeners,
    "target listeners": sample.targetListeners,
    "heap MiB": mib(sample.heapBytes),
    "buffers MiB": mib(sample.bufferBytes),
    "resident MiB": mib(sample.residentBytes),
  };
}

function mib(bytes: number): number {
  return Math.round((bytes / 2 ** 20) * 10) / 10;
}
