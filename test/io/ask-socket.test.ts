import { once } from "node:events";
import { lstat, readFile, stat } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { askOverSocket, AskSocket, type SocketQuestion } from "../../src/io/ask-socket.ts";

/** What a stranger hears who sends these bytes. */
async function heardBy(folder: string, bytes: string): Promise<string> {
  const socket = connect(join(folder, "socket"));
  const { promise, resolve } = Promise.withResolvers<string>();
  let heard = "";
  socket.on("data", (chunk) => (heard += chunk.toString())).on("error", () => {});
  socket.on("close", () => resolve(heard));
  socket.write(bytes);
  return await promise;
}

describe("a socket for questions", () => {
  it("answers each question on its own connection", async () => {
    await using socket = await AskSocket.open(({ value, answer }) => {
      answer({ heard: value }).catch(() => {});
    });
    const questions = [{ n: 1 }, { n: 2 }, "x".repeat(1 << 20)];
    const answers = questions.map((question) => askOverSocket(socket.folder, question));
    expect(await Promise.all(answers)).toEqual(questions.map((heard) => ({ heard })));
  });

  it("lies in a folder that only this user may enter, which goes with it", async () => {
    const socket = await AskSocket.open(() => {});
    const mode = async (path: string) => (await lstat(path)).mode & 0o777;
    expect(await mode(socket.folder)).toBe(0o700);
    expect(await mode(join(socket.folder, "socket"))).toBe(0o600);
    expect(await mode(join(socket.folder, "secret"))).toBe(0o600);
    expect(dirname(socket.folder)).toBe(tmpdir());
    await socket[Symbol.asyncDispose]();
    await expect(stat(socket.folder)).rejects.toThrow("ENOENT");
    await socket[Symbol.asyncDispose]();
  });

  it.each(["wrong\n{}\n", '{"tool":"x"}\n', "a".repeat(300)])(
    "closes the connection of who does not know the secret at once",
    async (bytes) => {
      const heard: unknown[] = [];
      await using socket = await AskSocket.open(({ value }) => heard.push(value));
      expect(await heardBy(socket.folder, bytes)).toBe("");
      expect(heard).toEqual([]);
    },
  );

  it("tells when the process that asks has gone, and that it cannot be answered", async () => {
    const { promise, resolve } = Promise.withResolvers<SocketQuestion>();
    await using socket = await AskSocket.open(resolve);
    const secret = await readFile(join(socket.folder, "secret"), "utf8");
    const asking = connect(join(socket.folder, "socket"));
    asking.write(`${secret}\n{}\n`);
    const question = await promise;
    asking.destroy();
    await once(question.gone, "abort");
    await expect(question.answer({})).rejects.toThrow("has gone");
  });

  it("rejects a question when it is closed", async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const socket = await AskSocket.open(resolve);
    const asking = askOverSocket(socket.folder, {});
    await promise;
    const refused = expect(asking).rejects.toThrow("nobody has answered");
    await socket[Symbol.asyncDispose]();
    await refused;
  });
});
