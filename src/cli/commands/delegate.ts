import { json } from "node:stream/consumers";
import { askOverSocket } from "../../io/ask-socket.ts";

const NOBODY = "Nobody is there who could allow this tool call.";

// A process for each tool call: no schema library is loaded for two members.
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
    const answer = await askOverSocket(folder, question);
    if (typeof answer === "object" && answer !== null && "allow" in answer) {
      if (answer.allow === true) return 0;
      if ("message" in answer) return reject(String(answer.message));
    }
    return reject(NOBODY);
  } catch {
    return reject(NOBODY);
  }
}

function reject(why: string): number {
  process.stderr.write(`${why}\n`);
  return 2;
}
