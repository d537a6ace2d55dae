import { setTimeout as sleep } from "node:timers/promises";
import type { OthersAnswer, PermissionRequest, QuestionRequest } from "../agents/agent.ts";
import { RecentMap, sizeOfJson } from "../io/recent-map.ts";
import { invalidRequest, ProblemError, sessionEnded } from "../schema/problem.ts";
import type {
  PermissionEventData,
  PermissionReply,
  PermissionStatus,
} from "../schema/permission.ts";
import type { QuestionEventData, QuestionStatus } from "../schema/question.ts";
import { fitAnswers } from "./fit-answers.ts";
import type { Origin, Recorder } from "./recorder.ts";

interface Open<Request, Data> {
  request: Request;
  /** The `*.requested` payload, of which the `*.resolved` one is a variation. */
  data: Data;
  /** Settles when a reply has reached the agent or failed. Other replies wait for it. */
  delivery?: Promise<unknown> | undefined;
  /** Ends the wait for the deadline. */
  closed: AbortController;
}

type OpenPermission = Open<PermissionRequest, PermissionEventData>;
type OpenQuestion = Open<QuestionRequest, QuestionEventData>;

/** Reason for the end of a request without a reply by a client of the session. */
export type ClosedBy = "timeout" | "interrupted" | "terminated" | "remembered" | "elsewhere";

/** The decision on a request. Later replies to it are refused with it. */
interface Resolution {
  status: PermissionStatus | QuestionStatus;
  reply?: PermissionReply;
  answers?: string[][];
  reason?: ClosedBy;
}

const MAX_RESOLVED_CHARACTERS = 2 ** 20;

const STATUSES = { once: "accept", always: "accept_for_session", reject: "reject" } as const;

/** The permissions and questions that a session's agent waits for, and what "always" has allowed. */
export class Requests {
  readonly #recorder: Recorder;
  readonly #permissions = new Map<string, OpenPermission>();
  readonly #questions = new Map<string, OpenQuestion>();
  /** The newest decisions by the id of their request. */
  readonly #resolved = new RecentMap<Resolution>({
    sizeOf: sizeOfJson,
    maxSize: MAX_RESOLVED_CHARACTERS,
  });
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

  /**
   * Delivers a permission reply and records it. The request stays open when the delivery fails.
   * @throws ProblemError `already_resolved`, or `invalid_request` for an id that never existed.
   */
  async answerPermission(
    id: string,
    reply: PermissionReply,
    deliver: () => Promise<void>,
    closedBy?: ClosedBy,
  ): Promise<void> {
    const open = await this.#deliver(this.#permissions, "permission", id, deliver);
    if (this.#permissions.get(id) !== open) return;
    this.#resolvePermission(open, reply, closedBy);
    if (reply === "always") this.#allow(open.request.memoryKey);
  }

  /**
   * The same for a question, with an answer for each part; `given` null rejects it.
   * @throws ProblemError also for answers that do not fit.
   */
  async answerQuestion(
    id: string,
    given: string[][] | null,
    deliver: (answers: string[][] | null) => Promise<void>,
    closedBy?: ClosedBy,
  ): Promise<void> {
    let answers: string[][] | null = null;
    const open = await this.#deliver(this.#questions, "question", id, async ({ request }) => {
      answers = given && fitAnswers(request, given);
      await deliver(answers);
    });
    if (this.#questions.get(id) === open) this.#resolveQuestion(open, answers, closedBy);
  }

  /** Closes a request that the agent no longer waits for, with the answer of another client if known. */
  withdraw(id: string, closedBy: ClosedBy, answer?: OthersAnswer): void {
    const permission = this.#permissions.get(id);
    const reply = answer && "reply" in answer ? answer.reply : undefined;
    if (permission && reply) this.#resolvePermission(permission, reply, "elsewhere");
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
    for (const { request, delivery } of this.#permissions.values()) {
      if (request.memoryKey === memoryKey && !delivery) this.#onCovered(request.id);
    }
  }

  #withdraw(closedBy: ClosedBy, which: (request: { background?: true }) => boolean): void {
    for (const { request } of [...this.#permissions.values(), ...this.#questions.values()]) {
      if (which(request)) this.withdraw(request.id, closedBy);
    }
  }

  /** Delivers a reply, after one that is on its way to the agent. Returns the request. */
  async #deliver<T extends OpenPermission | OpenQuestion>(
    requests: ReadonlyMap<string, T>,
    kind: "permission" | "question",
    id: string,
    deliver: (open: T) => Promise<void>,
  ): Promise<T> {
    for (;;) {
      const open = requests.get(id);
      if (!open) throw this.#absent(kind, id);
      if (open.delivery) {
        await open.delivery.catch(() => undefined);
        continue;
      }
      open.delivery = deliver(open);
      try {
        await open.delivery;
        return open;
      } finally {
        open.delivery = undefined;
      }
    }
  }

  /** The problem of a reply to a request that is not open. */
  #absent(kind: "permission" | "question", id: string): ProblemError {
    const resolution = this.#resolved.get(`${kind} ${id}`);
    if (!resolution) return invalidRequest(`unknown ${kind} id: ${id}`);
    if (resolution.reason === "terminated") return sessionEnded();
    const by = resolution.reason === undefined ? "" : ` (${resolution.reason})`;
    const detail = `already resolved: ${kind} ${id} is ${resolution.status}${by}`;
    return new ProblemError("already_resolved", detail, { details: { ...resolution } });
  }

  #resolvePermission(
    { data, closed }: OpenPermission,
    reply: PermissionReply,
    closedBy?: ClosedBy,
  ): void {
    closed.abort();
    const status = STATUSES[reply];
    this.#permissions.delete(data.permission_id);
    this.#resolved.set(`permission ${data.permission_id}`, {
      status,
      ...(isReply(closedBy) && { reply }),
      ...(closedBy && { reason: closedBy }),
    });
    const metadata = closedBy ? { ...data.metadata, reason: closedBy } : data.metadata;
    this.#recorder.record({ type: "permission.resolved", data: { ...data, status, metadata } });
  }

  #resolveQuestion(
    { data, closed }: OpenQuestion,
    answers: string[][] | null,
    closedBy?: ClosedBy,
  ): void {
    closed.abort();
    const status = answers ? "answered" : "rejected";
    this.#questions.delete(data.question_id);
    this.#resolved.set(`question ${data.question_id}`, {
      status,
      ...(answers && { answers }),
      ...(closedBy && { reason: closedBy }),
    });
    const resolved: QuestionEventData = {
      ...data,
      response: answers?.[0]?.[0] ?? null,
      status,
      answers,
    };
    if (closedBy) resolved.metadata = { ...data.metadata, reason: closedBy };
    this.#recorder.record({ type: "question.resolved", data: resolved });
  }
}

function fresh(): { closed: AbortController } {
  return { closed: new AbortController() };
}

/** Tests for a decision by a client, in this session or another place. */
function isReply(closedBy: ClosedBy | undefined): boolean {
  return closedBy === undefined || closedBy === "remembered" || closedBy === "elsewhere";
}
