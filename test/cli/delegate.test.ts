import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { AskSocket, type SocketQuestion } from "../../src/io/ask-socket.ts";
import { program } from "../support/program.ts";

/** Runs our program as an agent does to ask. */
async function delegate(folder: string, input = '{"command":"ls"}') {
  const { exitCode, stderr } = await execa(program.file, [...program.args, "delegate", folder], {
    input,
    env: { AGENT_TOOL_NAME: "shell_command", AGENT_TOOL_USE_ID: "TU-1" },
    reject: false,
  });
  return { exitCode, stderr };
}

describe("the delegate program", () => {
  it.each([
    [{ allow: true }, { exitCode: 0, stderr: "" }],
    [
      { allow: false, message: "Not today." },
      { exitCode: 2, stderr: "Not today." },
    ],
    [{ allow: "yes" }, { exitCode: 2, stderr: expect.stringContaining("Nobody is there") }],
    [{}, { exitCode: 2, stderr: expect.stringContaining("Nobody is there") }],
  ])("that is answered %j exits so", async (answer, exit) => {
    const heard: unknown[] = [];
    await using socket = await AskSocket.open((question) => {
      heard.push(question.value);
      question.answer(answer).catch(() => {});
    });
    expect(await delegate(socket.folder)).toEqual(exit);
    expect(heard).toEqual([
      { type: "delegate", tool: "shell_command", id: "TU-1", input: { command: "ls" } },
    ]);
  });

  it("rejects when the daemon goes before it has answered", async () => {
    const { promise, resolve } = Promise.withResolvers<SocketQuestion>();
    const socket = await AskSocket.open(resolve);
    const asking = delegate(socket.folder);
    await promise;
    await socket[Symbol.asyncDispose]();
    expect(await asking).toMatchObject({ exitCode: 2 });
  });

  it("rejects when nobody listens, and when its input is none", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sa-"));
    expect(await delegate(folder)).toMatchObject({ exitCode: 2 });
    await using socket = await AskSocket.open(() => {});
    expect(await delegate(socket.folder, "{")).toMatchObject({ exitCode: 2 });
    await rm(folder, { recursive: true });
  });

  it("rejects when it knows another secret", async () => {
    await using socket = await AskSocket.open((question) => {
      question.answer({ allow: true }).catch(() => {});
    });
    await writeFile(join(socket.folder, "secret"), "another");
    expect(await delegate(socket.folder)).toMatchObject({ exitCode: 2 });
  });

  it("is not listed in the help", async () => {
    const { stdout } = await execa(program.file, [...program.args, "--help"]);
    expect(stdout).not.toContain("delegate");
  });
});
