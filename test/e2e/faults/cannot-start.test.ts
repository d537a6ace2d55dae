import { mkdir, rm } from "node:fs/promises";
import { endianness } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectUsable, killProcesses, StandInDaemon } from "../../support/stand-in.ts";
import { STAND_INS, type StandInExecutable, standInIds } from "../../support/stand-ins.ts";
import { itIf } from "../../support/it-if.ts";

/** The beginning of a program for RISC-V. */
function riscv(): Buffer {
  const header = Buffer.alloc(64);
  header.write("\u007FELF", "latin1");
  header.set([2, endianness() === "LE" ? 1 : 2, 1], 4);
  header.set([2, 0, 0xf3, 0, 1], 16);
  return header;
}

type Spoil = (executable: StandInExecutable) => Promise<unknown>;

const spoiled: [how: string, words: RegExp, spoil: Spoil][] = [
  ["has gone", /was not found/, ({ path }) => rm(path)],
  ["may not be executed", /may not be executed/, (executable) => executable.forbid()],
  [
    "is for another processor",
    /not a program for this machine/,
    (executable) => executable.replaceBy(riscv()),
  ],
  [
    "is no program",
    /not a program for this machine/,
    (executable) => executable.replaceBy("\u0000\u0001\u0002"),
  ],
  ["is empty", /exit code 0/, (executable) => executable.replaceBy("")],
  [
    "names an interpreter that is not there",
    /failed to execute/,
    (executable) => executable.replaceBy("#!/no/sh\n"),
  ],
  [
    "is a folder",
    /is not a file/,
    async ({ path }) => {
      await rm(path);
      await mkdir(path);
    },
  ],
];

/** What the first process answers wrong, and what is said of it. */
const refusals: Record<
  (typeof standInIds)[number],
  [how: string, fault: string, message: string][]
> = {
  claude: [
    [
      "refuses to be said hello to",
      "handshake/refuse",
      "the agent could not be started: not today",
    ],
    [
      "answers what nobody understands",
      "handshake/answer-nonsense",
      "the agent could not be started: the answer to initialize is not understood",
    ],
  ],
  codex: [
    [
      "refuses to be said hello to",
      "handshake/refuse",
      "codex app-server could not be started: not today",
    ],
  ],
  opencode: [
    [
      "refuses to tell events",
      "handshake/answer-500",
      "opencode serve could not be started: no stream of events (500)",
    ],
  ],
};

describe.each(standInIds)("%s", (agent) => {
  let daemon: StandInDaemon;

  beforeAll(async () => {
    daemon = await StandInDaemon.start({ agent });
  });

  afterAll(() => daemon[Symbol.asyncDispose]());

  // At once: a server that has died is started again after a while.
  it.concurrent.each(spoiled)(
    "whose executable %s fails each turn as process_start until it is whole",
    (_, words, spoil) =>
      daemon.session(async (session, executable) => {
        await spoil(executable);
        if (STAND_INS[agent].shared) await killProcesses(session);
        for (const message of ["one", "two"]) {
          const [ended] = await Promise.all([session.run(message), daemon.expectServing()]);
          const error = { code: "process_start", message: expect.stringMatching(words) };
          expect(ended).toMatchObject({ status: "failed", error });
          expect(session.of("error").at(-1)).toMatchObject({ data: error, synthetic: true });
        }
        expect(await session.processes()).toEqual([]);
        expect(await session.info()).toMatchObject({ status: "idle" });
        await executable.write();
        await expectUsable(session);
      }),
  );

  it.each(refusals[agent])(
    "that %s fails the turn as process_start and is asked anew",
    (_, fault, message) =>
      daemon.session(
        async (session) => {
          const [ended] = await Promise.all([session.run("hello"), daemon.expectServing()]);
          const error = { code: "process_start", message };
          expect(ended).toMatchObject({ status: "failed", error });
          await expectUsable(session);
        },
        { fault },
      ),
  );

  itIf(
    agent === "claude",
    "whose working directory has gone fails the turn as process_start until it is back",
    () =>
      daemon.session(async (session) => {
        const { directory } = await session.info();
        if (directory === null) throw new Error("no directory");
        await rm(directory, { recursive: true });
        const message = expect.stringContaining(`${directory} does not exist`);
        expect(await session.run("hello")).toMatchObject({
          status: "failed",
          error: { code: "process_start", message },
        });
        await mkdir(directory);
        await expectUsable(session);
      }),
  );
});
