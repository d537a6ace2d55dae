import type { Answer } from "./client.ts";

/** Allows a tool call as it is. */
export const allow: Answer = ({ input }) => ({ behavior: "allow", updatedInput: input });

/** Allows a tool call, and for the session every call that the suggested rules cover. */
export const always: Answer = ({ input, permission_suggestions = [] }) => ({
  behavior: "allow",
  updatedInput: input,
  updatedPermissions: permission_suggestions
    .filter(({ type }) => type === "addRules")
    .map((suggestion) => ({ ...suggestion, destination: "session" })),
});

/** Leaves the request open. */
export const hold: Answer = () => undefined;

/** Rejects a tool call. */
export const deny =
  (message: string, { interrupt = false } = {}): Answer =>
  () => ({ behavior: "deny", message, interrupt });

/** Answers the questions of the tool AskUserQuestion. */
export const choose =
  (answers: Record<string, string>): Answer =>
  ({ input }) => ({ behavior: "allow", updatedInput: { ...(input as object), answers } });
