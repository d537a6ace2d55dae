/** What helps against an error of this code; undefined where only its words can tell. */
export function cureOf(code: string | null): string | undefined {
  return code === null ? undefined : cures[code];
}

const cures: Record<string, string | undefined> = {
  auth: "The agent has no key that its model takes. Give the daemon one in its environment, or sign in with the agent's own program; the page Agents has a doctor that says what is missing.",
  rate_limit:
    "The model takes no more requests for now. Wait a while, then send the message again.",
  overloaded: "The model has too much to do. Send the message again in a moment.",
  context_window: "The conversation is longer than the model can read. Begin a new session.",
  network: "The model's server could not be reached. See whether this machine has a network.",
  process_start:
    "The agent's program could not be started. The doctor on the page Agents says why.",
  process_exit: "The agent's program ended by itself. Send the message again: it is started anew.",
  protocol: "The agent said what this daemon does not understand. The event has its own words.",
};
