import type { AgentOutput } from "../agents/agent.ts";

/** Data of JSON without the secrets in it: itself where there are none. */
export type Redact = <T>(this: void, data: T) => T;

/** Takes the secrets that one session may show out of texts and data. */
export interface SessionSecrets extends Disposable {
  redact(this: void, text: string): string;
  redactIn: Redact;
}

/**
 * What an agent says, without secrets where it tells of a failure: that may quote what the agent was
 * started with. Anything else is the user's, and left as it is.
 */
export function redactFailure(output: AgentOutput, redact: Redact): AgentOutput {
  switch (output.type) {
    case "error":
    case "turn.ended":
    case "unparsed":
    case "session.ended": {
      const { raw } = output;
      const redacted = redact(output);
      return raw === undefined ? redacted : { ...redacted, raw: redactJson(raw, redact) };
    }
    default:
      return output;
  }
}

/** The agent's own message is left to the byte as it is where it holds no secret. */
function redactJson(raw: string, redact: Redact): string {
  const value: unknown = JSON.parse(raw);
  const redacted = redact(value);
  return redacted === value ? raw : JSON.stringify(redacted);
}
