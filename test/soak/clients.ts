import type { Command, Reply } from "./commands.ts";
import { Crowd } from "./crowd.ts";

// The clients of a soak, in a process of their own: what they cost is not the daemon's, nor the
// test's. Told what to do by the process that started this one, and gone with it.

let crowd: Crowd | undefined;

process.on("message", (command: Command) => {
  void carryOut(command).then(
    (reply) => process.send?.(reply),
    (error: unknown) => process.send?.({ error: String(error) } satisfies Reply),
  );
});
process.on("disconnect", () => process.exit(0));

async function carryOut(command: Command): Promise<Reply> {
  if (command.do === "open") {
    crowd = new Crowd(command.url);
    await crowd.open(command.sessions);
    return { tally: await crowd.tally() };
  }
  if (!crowd) throw new Error("there are no sessions yet");
  if (command.do === "talk") {
    await crowd.talk(command);
    return { tally: await crowd.tally() };
  }
  return { tally: await crowd.close() };
}
