import { setTimeout as sleep } from "node:timers/promises";
import type { OthersAnswer, PermissionRequest, QuestionRequest } from "../agents/agent.ts";
import { invalidRequest } from "../schema/problem.ts";
import type { PermissionEventData, PermissionReply } from "../schema/permission.ts";
import type { QuestionEventData } from "../schema/question.ts";
import type { Origin, Recorder } from "./recorder.ts";

interface Open<Request, Data> {
  request: Request;
  /** The `*.requested` payload, of which the `*.resolved` one is a variation. */
  data: Data;
  /** True while a reply is on its way to the agent: nobody else may reply. */
  answering: boolean;
  /** Ends the wait for the deadline. */
  closed: AbortController;
}

type OpenPermission = Open<PermissionRequest, PermissionEventData>;
type OpenQuestion = Open<QuestionRequest, QuestionEventData>;

/** Reason for the end of a request without a reply by a client of the session. */
export type ClosedBy = "timeout" | "interrupted" | "terminated" | "remembered" | "elsewhere";

const STATUSES = { once: "accept", always: "accept_for_session", reject: "reject" } as const;

/** The permissions and questions that a session's agent waits for, and what "always" has allowed. */
export class Requests {
  readonly #recorder: Recorder;
  readonly #permissions = new Map<string, OpenPermission>();
  readonly #questions = new Map<string, OpenQuestion>();
  readonly #allowed = new Set<string>();
  readonly #onCovered: (id: string) => void;

  /** `onCovered` is called with the id of an open permission that an "always" covers. */
  constructor(recorder: Recorder, onCovered: (id: string) => void) {
    this.#recorder = recorder;
    this.#onCovered = onCovered;
  }

  /** Requests that are open. */
  get size(): number {
    return this.#permissions.size + this.#questions.size;
  }

  /** Records and keeps a permission request. */
  openPermission(request: PermissionRequest, origin: Origin): void {
    const { id, action, memoryKey, background } = request;
    const metadata: Record<string, unknown> = {
      ...request.metadata,
      ...(background && { background }),
    };
    const callId = metadata["call_id"];
    const itemId = typeof callId === "string" && this.#recorder.findItemId(callId);
    if (itemId) metadata["item_id"] = itemId;
    const data = { permission_id: id, action, status: "requested", metadata } as const;
    this.#recorder.record({ type: "permission.requested", data }, origin);
    this.#permissions.set(id, { request, data, ...fresh() });
    if (this.#allowed.has(memoryKey)) this.#onCovered(id);
  }

  /** Records and keeps a question. */
  openQuestion(request: QuestionRequest, origin: Origin): void {
    const { id, questions, background } = request;
    const metadata = { ...request.metadata, ...(background && { background }) };
    const [first] = questions;
    const data: QuestionEventData = {
      question_id: id,
      prompt: first?.question ?? "",
      options: first?.options.map((option) => option.label) ?? [],
      response: null,
      status: "requested",
      questions,
      ...(Object.keys(metadata).length > 0 && { metadata }),
    };
    this.#recorder.record({ type: "question.requested", data }, origin);
    this.#questions.set(id, { request, data, ...fresh() });
  }

  /** Delivers a permission reply and records it; the request stays open where delivery fails. */
  async answerPermission(
    id: string,
    reply: PermissionReply,
    deliver: () => Promise<void>,
    closedBy?: ClosedBy,
  ): Promise<void> {
    const open = this.#permissions.get(id);
    if (!open || open.answering) throw invalidRequest(`unknown permission id: ${id}`);
    await whileAnswering(open, deliver);
    if (this.#permissions.get(id) !== open) return;
    this.#resolvePermission(open, STATUSES[reply], closedBy);
    if (reply === "always") this.#allow(open.request.memoryKey);
  }

  /** The same for a question; `answers` null rejects it. */
  async answerQuestion(
    id: string,
    answers: string[][] | null,
    deliver: () => Promise<void>,
    closedBy?: ClosedBy,
  ): Promise<void> {
    const open = this.#questions.get(id);
    if (!open || open.answering) throw invalidRequest(`unknown question id: ${id}`);
    await whileAnswering(open, deliver);
    if (this.#questions.has(id)) this.#resolveQuestion(open, answers, closedBy);
  }

  /** Closes a request that the agent no longer waits for, with the answer of another client if known. */
  withdraw(id: string, closedBy: ClosedBy, answer?: OthersAnswer): void {
    const permission = this.#permissions.get(id);
    const reply = answer && "reply" in answer ? answer.reply : undefined;
    if (permission && reply) this.#resolvePermission(permission, STATUSES[reply], "elsewhere");
    else if (permission) this.#resolvePermission(permission, "reject", closedBy);
    const question = this.#questions.get(id);
    const answers = answer && "answers" in answer ? answer.answers : undefined;
    if (question && answers !== undefined) this.#resolveQuestion(question, answers, "elsewhere");
    else if (question) this.#resolveQuestion(question, null, closedBy);
  }

  /** Closes those that a turn has left open, not those of work that goes on beside turns. */
  withdrawTurn(closedBy: ClosedBy): void {
    this.#withdraw(closedBy, ({ background }) => background !== true);
  }

  /** Closes all of them. */
  withdrawAll(closedBy: ClosedBy): void {
    this.#withdraw(closedBy, () => true);
  }

  /** Resolves to true when the request is still open after `timeoutMs`, to false as soon as it is closed. */
  async outlasts(id: string, timeoutMs: number): Promise<boolean> {
    const open = this.#permissions.get(id) ?? this.#questions.get(id);
    if (!open) return false;
    try {
      return await sleep(timeoutMs, true, { signal: open.closed.signal });
    } catch {
      return false;
    }
  }

  /** Whether this id is that of an open permission. */
  isPermission(id: string): boolean {
    return this.#permissions.has(id);
  }

  /** Remembers an "always", which covers requests that are already open too. */
  #allow(memoryKey: string): void {
    this.#allowed.add(memoryKey);
    for (const { request, answering } of this.#permissions.values()) {
      if (request.memoryKey === memoryKey && !answering) this.#onCovered(request.id);
    }
  }

  #withdraw(closedBy: ClosedBy, which: (request: { background?: true }) => boolean): void {
    for (const { request } of [...this.#permissions.values(), ...this.#questions.values()]) {
      if (which(request)) this.withdraw(request.id, closedBy);
    }
  }

  #resolvePermission(
    { data, closed }: OpenPermission,
    status: "accept" | "accept_for_session" | "reject",
    closedBy?: ClosedBy,
  ): void {
    closed.abort();
    this.#permissions.delete(data.permission_id);
    const metadata = closedBy ? { ...data.metadata, reason: closedBy } : data.metadata;
    this.#recorder.record({ type: "permission.resolved", data: { ...data, status, metadata } });
  }

  #resolveQuestion(
    { data, closed }: OpenQuestion,
    answers: string[][] | null,
    closedBy?: ClosedBy,
  ): void {
    closed.abort();
    this.#questions.delete(data.question_id);
    const resolved: QuestionEventData = {
      ...data,
      response: answers?.[0]?.[0] ?? null,
      status: answers ? "answered" : "rejected",
      answers,
    };
    if (closedBy) resolved.metadata = { ...data.metadata, reason: closedBy };
    this.#recorder.record({ type: "question.resolved", data: resolved });
  }
}

function fresh(): { answering: boolean; closed: AbortController } {
  return { answering: false, closed: new AbortController() };
}

async function whileAnswering(open: { answering: boolean }, deliver: () => Promise<void>) {
  open.answering = true;
  try {
    await deliver();
  } finally {
    open.answering = false;
  }
}
