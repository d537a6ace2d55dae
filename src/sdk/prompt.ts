import type { TurnEndedMetadata, UniversalEvent } from "../schema/event.ts";
import type { MessageRequest } from "../schema/message.ts";
import type { PermissionEventData, PermissionReply } from "../schema/permission.ts";
import type { QuestionEventData } from "../schema/question.ts";
import { SandboxAgentError } from "./error.ts";
import type { SessionHandle } from "./session-handle.ts";

/** Who answers while a turn runs, and how to stop it. */
export interface PromptOptions {
  /** Aborting it interrupts the turn. */
  signal?: AbortSignal;
  /** With the agent's own messages. */
  includeRaw?: boolean;
  /** The signal is aborted when the request is resolved otherwise: by a timeout, or by somebody else. */
  onPermission?: (
    permission: PermissionEventData,
    signal: AbortSignal,
  ) => PermissionReply | Promise<PermissionReply>;
  /** Each part's answer is the labels chosen, or a text of one's own; null refuses to answer. */
  onQuestion?: (
    question: QuestionEventData,
    signal: AbortSignal,
  ) => string[][] | null | Promise<string[][] | null>;
}

/** See `SessionHandle.prompt`. `left` is aborted when the consumer leaves the loop. */
export async function* prompt(
  session: SessionHandle,
  request: MessageRequest,
  options: PromptOptions = {},
  left: AbortSignal = new AbortController().signal,
): AsyncGenerator<UniversalEvent, TurnEndedMetadata, void> {
  const { signal, includeRaw = false } = options;
  const { eventCount } = await session.info();
  const turnId = await session.send(request, signal);
  const answers = new Answers(session, options);
  const either = AbortSignal.any([answers.failed, left, ...(signal ? [signal] : [])]);
  let begun = false;
  try {
    for await (const event of session.events({ offset: eventCount, includeRaw }, either)) {
      // A queued message comes after the end of the turns before it.
      begun ||= event.type === "turn.started" && event.data.turn_id === turnId;
      if (!begun) continue;
      answers.see(event);
      yield event;
      if (event.type === "turn.ended" && event.data.turn_id === turnId) return event.data.metadata;
    }
  } catch (error) {
    answers.failed.throwIfAborted();
    if (signal?.aborted && (begun || (await hasBegun(session, turnId, eventCount)))) {
      await session.interrupt();
    }
    throw error;
  } finally {
    answers.end();
  }
  throw new Error(`the session ended before ${turnId} did`);
}

/** Whether a turn runs or ran whose events have not come yet; if not, its message waits in the queue. */
async function hasBegun(session: SessionHandle, turnId: string, offset: number): Promise<boolean> {
  const { events } = await session.getEvents({ offset });
  return events.some(({ type, data }) => type === "turn.started" && data.turn_id === turnId);
}

/** Asks the callbacks, beside the loop that reads the events, and passes on what they answer. */
class Answers {
  readonly #session: SessionHandle;
  readonly #options: PromptOptions;
  readonly #open = new Map<string, AbortController>();
  readonly #failed = new AbortController();

  constructor(session: SessionHandle, options: PromptOptions) {
    this.#session = session;
    this.#options = options;
  }

  /** Aborted, with the error, when a callback throws or an answer cannot be delivered. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  see({ type, data }: UniversalEvent): void {
    const { onPermission, onQuestion } = this.#options;
    if (type === "permission.requested" && onPermission) {
      const id = data.permission_id;
      void this.#ask(id, async (signal) => {
        const reply = await onPermission(data, signal);
        return () => this.#session.replyPermission(id, reply);
      });
    } else if (type === "question.requested" && onQuestion) {
      const id = data.question_id;
      void this.#ask(id, async (signal) => {
        const answers = await onQuestion(data, signal);
        return () => this.#session.replyQuestion(id, answers);
      });
    } else if (type === "permission.resolved") {
      this.#resolved(data.permission_id);
    } else if (type === "question.resolved") {
      this.#resolved(data.question_id);
    }
  }

  /** Nobody waits for answers any more. */
  end(): void {
    for (const id of this.#open.keys()) this.#resolved(id);
  }

  async #ask(
    id: string,
    callback: (signal: AbortSignal) => Promise<() => Promise<void>>,
  ): Promise<void> {
    const { signal } = this.#start(id);
    try {
      const reply = await callback(signal);
      if (!signal.aborted) await reply();
    } catch (error) {
      if (!signal.aborted && !cameTooLate(error)) this.#failed.abort(error);
    }
  }

  #start(id: string): AbortController {
    const controller = new AbortController();
    this.#open.set(id, controller);
    return controller;
  }

  #resolved(id: string): void {
    this.#open.get(id)?.abort();
    this.#open.delete(id);
  }
}

/** Tests for the refusal of an answer because the request was resolved before. */
function cameTooLate(error: unknown): boolean {
  return error instanceof SandboxAgentError && error.status === 409;
}
