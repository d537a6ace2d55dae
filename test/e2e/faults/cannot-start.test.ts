import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { endianness } from "node:os";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { expectUsable, StandInDaemon } from "../../support/stand-in.ts";

let daemon: StandInDaemon;

beforeAll(async () => {
  daemon = await StandInDaemon.start();
});

afterEach(() => daemon.repair());
afterAll(() => daemon[Symbol.asyncDispose]());

/** Puts something else in the place of the executable. */
async function replaceBy(content: string | Buffer): Promise<void> {
  await rm(daemon.path);
  await writeFile(daemon.path, content, { mode: 0o755 });
}

/** The beginning of a program for RISC-V. */
function riscv(): Buffer {
  const header = Buffer.alloc(64);
  header.write("\u007FELF", "latin1");
  header.set([2, endianness() === "LE" ? 1 : 2, 1], 4);
  header.set([2, 0, 0xf3, 0, 1], 16);
  return header;
}

it.each([
  ["has gone", /was not found/, () => rm(daemon.path)],
  ["may not be executed", /may not be executed/, () => chmod(daemon.path, 0o644)],
  ["is for another processor", /not a program for this machine/, () => replaceBy(riscv())],
  ["is no program", /not a program for this machine/, () => replaceBy("\u0000\u0001\u0002")],
  ["is empty", /exit code 0/, () => replaceBy("")],
  ["names an interpreter that is not there", /failed to execute/, () => replaceBy("#!/no/sh\n")],
  [
    "is a folder",
    /is not a file/,
    async () => {
      await rm(daemon.path);
      await mkdir(daemon.path);
    },
  ],
])("an executable that %s fails each turn as process_start until it is whole", (_, words, spoil) =>
  daemon.session(async (session) => {
    await spoil();
    for (const message of ["one", "two"]) {
      const [ended] = await Promise.all([session.run(message), daemon.expectServing()]);
      const error = { code: "process_start", message: expect.stringMatching(words) };
      expect(ended).toMatchObject({ status: "failed", error });
      expect(session.of("error").at(-1)).toMatchObject({ data: error, synthetic: true });
    }
    expect(await session.processes()).toEqual([]);
    expect(await session.info()).toMatchObject({ status: "idle" });
    await daemon.repair();
    await expectUsable(session);
  }),
);

it.each([
  ["refuses to be said hello to", "refuse", "the agent could not be started: not today"],
  [
    "answers what nobody understands",
    "answer-nonsense",
    "the agent could not be started: the answer to initialize is not understood",
  ],
])("an agent that %s fails the turn as process_start and is asked anew", (_, deed, message) =>
  daemon.session(
    async (session) => {
      const [ended] = await Promise.all([session.run("hello"), daemon.expectServing()]);
      expect(ended).toMatchObject({ status: "failed", error: { code: "process_start", message } });
      await expectUsable(session);
    },
    { fault: `handshake/${deed}` },
  ),
);

it("a working directory that has gone fails the turn as process_start until it is back", () =>
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
  }));
