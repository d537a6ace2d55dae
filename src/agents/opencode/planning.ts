import type { OpenOptions, QuestionRequest } from "../agent.ts";
import { toQuestion } from "./ask.ts";
import type { ServerEvent } from "./events.ts";
import type { OpencodeHttp } from "./http.ts";
import { planQuestion, planVerdict } from "../plan-question.ts";
import { GO, planFileRules, proposedPlan, readPlan } from "./plan.ts";
import type { SessionAnswer } from "./protocol.ts";
import { rulesOf } from "./rules.ts";

/** Whether a session plans or works, by which rules, and what becomes of its plan. */
export class Planning {
  /** It plans, and has not been told to work. */
  active: boolean;
  /** The permission mode that counts. */
  mode: string;
  readonly #options: Pick<OpenOptions, "agentMode" | "permissionMode" | "directory">;
  /** The question whether its plan is approved. */
  #question: string | undefined;
  #next: string | undefined;

  constructor(options: Pick<OpenOptions, "agentMode" | "permissionMode" | "directory">) {
    const { agentMode, permissionMode } = options;
    this.#options = options;
    this.active = agentMode === "plan" || permissionMode === "plan";
    this.mode = this.active && permissionMode !== "bypass" ? "plan" : permissionMode;
  }

  /** The agent of OpenCode that the next message is for. */
  get agent(): string {
    const { agentMode } = this.#options;
    if (this.active) return "plan";
    return agentMode === "plan" ? "build" : agentMode;
  }

  /** Lets a new session write the file of its plan. */
  async allowFile(http: OpencodeHttp, { id, slug, time }: SessionAnswer): Promise<void> {
    if (this.mode !== "plan" || !time) return;
    await this.#addRules(http, id, planFileRules(slug, time.created));
  }

  /** Gives an approved session the rules that its mode has when there is no plan. */
  async leave(http: OpencodeHttp, id: string): Promise<void> {
    if (this.mode !== "plan" || this.active) return;
    const { permissionMode } = this.#options;
    const mode = permissionMode === "plan" ? "default" : permissionMode;
    await this.#addRules(http, id, rulesOf(mode));
    this.mode = mode;
  }

  /** The question that takes the place of OpenCode's; undefined where this event is none about a plan. */
  proposal({ type, properties }: ServerEvent): { id: string; file: string } | undefined {
    const request = type === "question.asked" ? toQuestion(properties) : undefined;
    const file = request && proposedPlan(request);
    return request && file !== undefined ? { id: request.id, file } : undefined;
  }

  /** Whether the plan in a file is approved; `said` stands for a plan that was only said. */
  async ask(
    http: OpencodeHttp,
    { id, file }: { id: string; file: string },
    said: string,
  ): Promise<QuestionRequest> {
    const plan = await readPlan(http, this.#options.directory, file);
    this.#question = id;
    return planQuestion(id, plan ?? said);
  }

  isQuestion(id: string): boolean {
    return id === this.#question;
  }

  /** Takes the answer to it. */
  decide(answers: string[][] | null): void {
    const { approved, words } = planVerdict(answers);
    this.#next = approved ? GO : words;
    if (approved) this.active = false;
  }

  /** What goes on with the turn when the server is done with what it has; given once. */
  takeNext(): string | undefined {
    const next = this.#next;
    this.#next = undefined;
    return next;
  }

  async #addRules(http: OpencodeHttp, id: string, permission: object[]): Promise<void> {
    const { directory } = this.#options;
    // They are put behind those that it has, and the last that fits holds (1.18.33).
    await http.request("PATCH", `/session/${id}`, { directory, body: { permission } });
  }
}
