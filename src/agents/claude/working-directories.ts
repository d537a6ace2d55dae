import { HookCallback } from "./protocol.ts";

/**
 * Hooks of the handshake. A permission request does not name the directory in which a command would
 * run, and `cd` in an earlier command changes it. The hook before a tool call names the directory;
 * the CLI waits for its answer before it requests the permission. Observed in 2.1.330.
 */
export const DIRECTORY_HOOKS = {
  PreToolUse: [{ hookCallbackIds: ["directory"] }],
};

/** Calls that the map holds at most; a call whose entry was dropped is requested again. */
const MAX_CALLS = 256;

/** Working directories of the tool calls that are about to run, by call id. */
export class WorkingDirectories {
  readonly #byCall = new Map<string, string>();

  /** Reads a control request of the CLI; false for anything but a call of our hook. */
  note(request: unknown): boolean {
    const parsed = HookCallback.safeParse(request);
    if (!parsed.success) return false;
    const { cwd, tool_use_id } = parsed.data.input;
    if (cwd === undefined || tool_use_id === undefined) return true;
    this.#byCall.set(tool_use_id, cwd);
    for (const call of this.#byCall.keys()) {
      if (this.#byCall.size <= MAX_CALLS) break;
      this.#byCall.delete(call);
    }
    return true;
  }

  /** Directory of a call; undefined for a call that the hook did not report. */
  of(callId: string | null | undefined): string | undefined {
    return callId == null ? undefined : this.#byCall.get(callId);
  }

  clear(): void {
    this.#byCall.clear();
  }
}
