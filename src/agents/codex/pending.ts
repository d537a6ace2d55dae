import type { AgentOutput, QuestionRequest } from "../agent.ts";
import type { PermissionReply } from "../../schema/permission.ts";
import { invalidRequest } from "../../schema/problem.ts";
import { acceptsEdits } from "../accepted-edits.ts";
import { type Ask, type AskedItem, readsOnly, toAsk } from "./ask.ts";
import { unknownItem } from "./items.ts";
import type { RpcId } from "./rpc.ts";
import type { CodexServer } from "./server.ts";
import type { Translator } from "./translate.ts";

/** A request of the server, as it came. */
export interface Asked {
  id: RpcId;
  method: string;
  params: Record<string, unknown>;
  raw: string;
}

interface Open {
  ask: Exclude<Ask, { kind: "told" }>;
  /** Nothing of the server waits for it: it outlives the server. */
  detached?: true;
  /** Delivers the answer. */
  answer: (result: object) => Promise<void>;
}

/** A request for a change of files that is not shown at once. */
interface AskedChange {
  id: string;
  ask: Open["ask"];
  change: AskedItem | undefined;
  raw: string;
  /** The permission mode allows the change in the session's directory. */
  mayAccept: boolean;
  files: Translator["files"];
}

interface PendingOptions {
  server: CodexServer;
  permissionMode: string;
  directory: string;
  emit: (outputs: AgentOutput[]) => void;
}

/** What the threads of a session wait for: kept until it is answered, or the server does not wait any more. */
export class Pending {
  readonly #options: PendingOptions;
  readonly #open = new Map<string, Open>();

  constructor(options: PendingOptions) {
    this.#options = options;
  }

  /** Shows what the server asks, and answers what nobody has to decide. */
  hear(asked: Asked, translator: Translator, generation: number, own: boolean): void {
    const { method, params, raw } = asked;
    const id = idOf(asked.id, generation);
    const { itemId } = params;
    const change = typeof itemId === "string" ? translator.change(itemId) : undefined;
    const ask = toAsk(id, method, params, change);
    const answer = async (result: object) => {
      const { current } = this.#options.server;
      if (current?.generation !== generation) throw notActive();
      await current.rpc.answer(asked.id, result);
    };
    if (!ask) this.#refuse(asked);
    else if (ask.kind === "told") {
      this.#emit({ type: "item.completed", item: ask.item, raw });
      // As below.
      answer(ask.answer).catch(() => undefined);
    } else if (this.#isReading(method, params)) {
      // A server that cannot be written to is about to be reported as gone.
      answer({ decision: "accept" }).catch(() => undefined);
    } else {
      this.#open.set(id, { ask, answer });
      // A subagent may go on when the turn has ended.
      if (!own) ask.request.background = true;
      const mayAccept = this.#mayAcceptEdit(method, params);
      if (mayAccept || (change && change.added.length > 0)) {
        const { files } = translator;
        void this.#acceptOrShow({ id, ask, change, raw, mayAccept, files });
      } else this.#show(ask, raw);
    }
  }

  /** Accepts a change inside the session's directory, as the mode acceptEdits has it; else shows it. */
  async #acceptOrShow({ id, ask, change, raw, mayAccept, files }: AskedChange): Promise<void> {
    const { directory } = this.#options;
    const accepted = mayAccept && (await acceptsEdits(directory, change?.paths ?? []));
    const { added = [] } = change ?? {};
    // The diff of a file that Codex adds, or moves to another name, does not apply if the file exists.
    const existed = await Promise.all(files ? added.map((path) => files.read(path)) : []);
    if (ask.kind === "permission" && existed.some(Boolean)) delete ask.request.metadata["diff"];
    const open = this.#open.get(id);
    // The server may have stopped waiting meanwhile.
    if (open?.ask !== ask) return;
    if (!accepted) return this.#show(ask, raw);
    this.#open.delete(id);
    // As above.
    open.answer({ decision: "accept" }).catch(() => undefined);
  }

  #show(ask: Open["ask"], raw: string): void {
    this.#emit(
      ask.kind === "permission"
        ? { type: "permission.requested", request: ask.request, raw }
        : { type: "question.requested", request: ask.request, raw },
    );
  }

  /** Waits for the answers to a question that no request of the server asks; null rejects it. */
  expectAnswers(
    id: string,
    request: QuestionRequest,
    how: Pick<Open, "detached">,
    answer: (answers: string[][] | null) => Promise<void>,
  ): void {
    let given: string[][] | null = null;
    const toAnswer = (answers: string[][] | null) => {
      given = answers;
      return {};
    };
    const ask = { kind: "question", request, toAnswer } as const;
    this.#open.set(id, { ...how, ask, answer: async () => answer(given) });
  }

  async replyPermission(id: string, reply: PermissionReply): Promise<void> {
    await this.#answer(id, ({ ask }) =>
      ask.kind === "permission" ? ask.toAnswer(reply) : undefined,
    );
  }

  async replyQuestion(id: string, answers: string[][] | null): Promise<void> {
    await this.#answer(id, ({ ask }) =>
      ask.kind === "question" ? ask.toAnswer(answers) : undefined,
    );
  }

  /** Whether it is open whether this call is allowed. */
  isAsked(callId: string): boolean {
    return [...this.#open.values()].some(
      ({ ask }) => ask.kind === "permission" && ask.request.metadata["call_id"] === callId,
    );
  }

  /** The server says that it does not wait any more; of what has been answered it says so too. */
  resolved(requestId: unknown, generation: number): void {
    if (typeof requestId !== "number" && typeof requestId !== "string") return;
    const id = idOf(requestId, generation);
    if (this.#open.delete(id)) this.#emit({ type: "request.withdrawn", id });
  }

  /** The server has gone: it waits for nothing any more. */
  clear(): void {
    for (const [id, { detached }] of this.#open) {
      if (detached) continue;
      this.#open.delete(id);
      this.#emit({ type: "request.withdrawn", id });
    }
  }

  async #answer(id: string, toResult: (open: Open) => object | undefined): Promise<void> {
    const open = this.#open.get(id);
    const result = open && toResult(open);
    if (!open || !result) throw notActive();
    // Taken out first: the server tells of the end of its waiting before we know that it has heard.
    this.#open.delete(id);
    try {
      await open.answer(result);
    } catch (cause) {
      this.#open.set(id, open);
      throw cause;
    }
  }

  #isReading(method: string, params: unknown): boolean {
    return method === "item/commandExecution/requestApproval" && readsOnly(params);
  }

  /** A root that is granted covers more than the change. */
  #mayAcceptEdit(method: string, { grantRoot }: Record<string, unknown>): boolean {
    const { permissionMode } = this.#options;
    const isChange = method === "item/fileChange/requestApproval";
    return isChange && permissionMode === "acceptEdits" && grantRoot == null;
  }

  #refuse({ id, method, params, raw }: Asked): void {
    this.#emit({ type: "item.completed", item: unknownItem(method, params), raw });
    // As above.
    this.#options.server.current?.rpc.refuse(id, method).catch(() => undefined);
  }

  #emit(output: AgentOutput): void {
    this.#options.emit([output]);
  }
}

/** The server counts from 0 again after a restart. */
function idOf(id: RpcId, generation: number): string {
  return generation === 1 ? String(id) : `${generation}.${id}`;
}

/** The server that has asked is not there any more. */
function notActive(): Error {
  return invalidRequest("codex server not active");
}
