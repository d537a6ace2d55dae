import type { UniversalEvent } from "../schema/event.ts";
import { SandboxAgentError } from "../sdk/error.ts";
import type { SandboxAgent } from "../sdk/sandbox-agent.ts";
import { ClientOptions, connect } from "./client.ts";
import { jsonLine, print, readableJson } from "./output.ts";
import { Transcript } from "./render/transcript.ts";
import { createStyle } from "./render/style.ts";

const INTERRUPTED = 130;
const UNAUTHORIZED = 401;

/** Asks a daemon something and prints its answer as JSON, or nothing where there is none. */
export async function ask(
  given: unknown,
  question: (client: SandboxAgent) => Promise<unknown>,
): Promise<void> {
  const answer = await asking(given, question);
  if (answer !== undefined) await print(readableJson(answer));
}

/** Asks a daemon for events and prints them as they come: readable, or with `json` one a line. */
export async function follow(
  given: unknown,
  json: boolean,
  question: (client: SandboxAgent) => AsyncIterable<UniversalEvent>,
): Promise<void> {
  process.once("SIGINT", () => process.exit(INTERRUPTED));
  const transcript = new Transcript(createStyle(process.stdout));
  await asking(given, async (client) => {
    for await (const event of question(client)) {
      await print(json ? jsonLine(event) : transcript.render(event));
    }
    await print(transcript.end());
  });
}

/** What a daemon answers to an error is shown as it is; the line that follows is for people. */
async function asking<T>(
  given: unknown,
  question: (client: SandboxAgent) => Promise<T>,
): Promise<T> {
  try {
    return await question(await connect(ClientOptions.parse(given)));
  } catch (error) {
    if (!(error instanceof SandboxAgentError)) throw error;
    if (error.problem) process.stderr.write(readableJson(error.problem));
    if (error.status !== UNAUTHORIZED) throw error;
    const cure = "give the daemon's token by --token-file, --token or SANDBOX_AGENT_TOKEN";
    throw new Error(`${error.message}: ${cure}`, { cause: error });
  }
}
