import { json } from "node:stream/consumers";
import { z } from "zod";
import { askOverSocket } from "../../io/ask-socket.ts";

const Answer = z.object({ allow: z.boolean(), message: z.string().optional() });

/**
 * The hidden mode in which an agent runs our own executable to ask whether a tool may run: the
 * tool's input is on stdin, its name in the environment. Resolves with the exit code: 0 allows, 2
 * rejects with what is on stderr. Whatever goes wrong rejects.
 */
export async function delegate(folder: string): Promise<number> {
  const { AGENT_TOOL_NAME: tool, AGENT_TOOL_USE_ID: id } = process.env;
  try {
    const input: unknown = await json(process.stdin);
    const question = { type: "delegate", tool, id, input };
    const { allow, message } = Answer.parse(await askOverSocket(folder, question));
    if (allow) return 0;
    process.stderr.write(`${message ?? "The user rejected this tool call."}\n`);
  } catch {
    process.stderr.write("Nobody is there who could allow this tool call.\n");
  }
  return 2;
}
