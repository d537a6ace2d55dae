import { expect, it } from "vitest";
import { LogDestination } from "../../src/io/log-destination.ts";
import type { StderrWriter } from "../../src/io/stderr-writer.ts";

/** Creates a stderr that takes or refuses bytes according to its answers. */
function createStderr(): StderrWriter & { text: string; answers: (number | string)[] } {
  const stderr = {
    text: "",
    answers: [] as (number | string)[],
    async write(bytes: Uint8Array): Promise<number> {
      const answer = stderr.answers.shift() ?? bytes.length;
      if (typeof answer === "string") throw Object.assign(new Error(answer), { code: answer });
      stderr.text += Buffer.from(bytes.subarray(0, answer)).toString();
      return answer;
    },
    writeLast: (bytes: Uint8Array): number => {
      stderr.text += Buffer.from(bytes).toString();
      return bytes.length;
    },
  };
  return stderr;
}

it.each(["ENOSPC", "EIO", "EPIPE"])(
  "counts the lines that the system refuses with %s and reports them when it works again",
  async (code) => {
    const stderr = createStderr();
    const reported: number[] = [];
    const destination = new LogDestination(stderr, (dropped) => reported.push(dropped));
    // Lines of one turn of the event loop are written together.
    stderr.answers.push(code);
    destination.write("one\n");
    destination.write("two\n");
    await expect.poll(() => destination.dropped).toBe(2);
    expect(reported).toEqual([]);
    destination.write("three\n");
    await expect.poll(() => reported).toEqual([2]);
    expect(stderr.text).toBe("three\n");
    destination.write("four\n");
    await expect.poll(() => stderr.text).toBe("three\nfour\n");
    expect(reported).toEqual([2]);
  },
);

it("begins a new line after half of one", async () => {
  const stderr = createStderr();
  const destination = new LogDestination(stderr, () => {});
  stderr.answers.push(2, "ENOSPC");
  destination.write("first\n");
  await expect.poll(() => destination.dropped).toBe(1);
  destination.write("second\n");
  await expect.poll(() => stderr.text).toBe("fi\nsecond\n");
});

it("keeps 1 MiB for a pipe that is full and drops what exceeds it", async () => {
  const stderr = createStderr();
  const destination = new LogDestination(stderr, () => {});
  stderr.answers.push("EAGAIN");
  const line = `${"x".repeat(1023)}\n`;
  for (let n = 0; n < 1_030; n++) destination.write(line);
  expect(destination.dropped).toBe(6);
  await expect.poll(() => stderr.text.length).toBe(1024 * 1024);
});

it("writes at the end of the process what a full pipe has not taken", async () => {
  const stderr = createStderr();
  const destination = new LogDestination(stderr, () => {});
  stderr.answers.push("EAGAIN");
  destination.write("one\n");
  destination.write("two\n");
  await expect.poll(() => stderr.answers).toEqual([]);
  destination.flush();
  expect(stderr.text).toBe("one\ntwo\n");
});
