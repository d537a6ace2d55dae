import type { Child, ChildOptions } from "../io/child.ts";
import type { Command } from "../io/parent-death.ts";
import type {
  AgentCapabilities,
  AgentId,
  AgentModeInfo,
  AgentModelsResponse,
  ServerStatusInfo,
} from "../schema/agent.ts";
import type { ContentPart } from "../schema/content.ts";
import type { ErrorData, SessionEndedData, TurnEndedMetadata } from "../schema/event.ts";
import type { ItemKind, ItemRole, ItemStatus } from "../schema/item.ts";
import type { PermissionReply } from "../schema/permission.ts";
import type { QuestionPart } from "../schema/question.ts";
import type { RepositorySettings } from "../schema/session.ts";
import type { Health } from "./health.ts";
import type { KeyStore } from "./key-store.ts";
import type { InstallRecipe } from "./recipe.ts";

/** One piece of an item's content. The session writes an image that comes as data to a file. */
export type AgentPart = ContentPart | { type: "image_data"; data: string; mime: string };

/** An item in the agent's own ids; the session maps them to ours. */
export interface AgentItem {
  /** Null for an item that nothing later refers to. */
  nativeId: string | null;
  parentNativeId?: string | null;
  kind: ItemKind;
  role: ItemRole | null;
  content: AgentPart[];
  status: ItemStatus;
  subagent?: { id: string; name?: string };
}

/** What an agent wants to be allowed to do. */
export interface PermissionRequest {
  id: string;
  action: string;
  /** `call_id`, where there is one, is given the `item_id` of that call by the session. */
  metadata: Record<string, unknown>;
  /** Names exactly what "always" covers; an equal key is not asked again in this session. */
  memoryKey: string;
  /** Asked by work that goes on beside turns: it stays open when a turn ends. */
  background?: true;
}

/** What an agent wants to know. */
export interface QuestionRequest {
  id: string;
  questions: QuestionPart[];
  /** Indexes of the parts whose answer must be one of their options. */
  optionsOnly?: readonly number[];
  metadata?: { kind?: "plan"; plan?: string };
  /** Asked by work that goes on beside turns: it stays open when a turn ends. */
  background?: true;
}

/** How a turn went. The session adds what it knows itself: turn id and duration. */
export type TurnOutcome = Omit<TurnEndedMetadata, "duration_ms">;

/** An answer by another client of the agent's server, or by the agent itself; null rejects. */
export type OthersAnswer = { reply: PermissionReply } | { answers: string[][] | null };

/** What an agent says, in our terms but with its own ids. */
export type AgentOutput = {
  /** The agent's own message: one line of JSON text. */
  raw?: string;
  /** True where the adapter made it up because the agent does not say it. */
  synthetic?: boolean;
} & (
  | { type: "native_session"; id: string }
  /** Only for a turn that the agent starts by itself. */
  | { type: "turn.started"; nativeTurnId?: string }
  /** `keepRequests` leaves unanswered requests open after the turn. */
  | { type: "turn.ended"; outcome: TurnOutcome; keepRequests?: boolean }
  | { type: "item.started"; item: AgentItem }
  | { type: "item.delta"; nativeId: string; delta: string }
  | { type: "item.completed"; item: AgentItem }
  /** This item will never be completed: it ends as failed with the text it has. */
  | { type: "item.abandoned"; nativeId: string }
  | { type: "error"; error: ErrorData }
  | { type: "permission.requested"; request: PermissionRequest }
  | { type: "question.requested"; request: QuestionRequest }
  /** The agent no longer waits for an answer to this permission or question. */
  | { type: "request.withdrawn"; id: string; answer?: OthersAnswer }
  | { type: "unparsed"; error: string; location: string }
  /** The conversation cannot go on: nothing of this session is accepted after it. */
  | { type: "session.ended"; data: SessionEndedData }
);

/** A file that belongs to a message. */
export interface PromptAttachment {
  /** Absolute; inline data has been written to a file. */
  path: string;
  mime?: string;
  filename?: string;
}

/** One message for the agent. */
export interface Prompt {
  text: string;
  attachments: PromptAttachment[];
}

/** What an agent's session is opened with. */
export interface OpenOptions {
  sessionId: string;
  agentMode: string;
  permissionMode: string;
  /** With `ignore`, files of the directory run and redirect nothing without a permission. */
  repositorySettings: RepositorySettings;
  model: string | null;
  variant: string | null;
  /** Absolute working directory. */
  directory: string;
  /** The whole environment of the agent's processes. */
  env: Record<string, string>;
  /** The same for a process that is started now: keys come and expire. */
  freshEnv: () => Promise<Record<string, string>>;
  /** What of it is this session's own. */
  sessionEnv: Record<string, string>;
  /** What a process that several sessions share is started with. */
  shared: { env: Record<string, string> };
  /** The agent's executable; undefined only for an agent without one. */
  executable: string | undefined;
  /** After so many idle milliseconds the agent's process may go; 0: never. */
  idleMs: number;
  /** Takes what the agent says, in order; never throws. */
  emit: (outputs: AgentOutput[]) => void;
  startChild: (options: ChildOptions) => Child;
  /** The group of the user as whom children are started; undefined when that is the daemon's own user. */
  childGroup?: number | undefined;
  /** The folder in which agents are installed: programs can be executed there. */
  installDir?: string | undefined;
  /** How our own program is started in another mode. */
  self: (args: string[]) => Command;
}

/**
 * One conversation with an agent. Whatever goes wrong in a turn is emitted: after `startTurn`
 * exactly one `turn.ended` follows, in bounded time also when the process dies.
 */
export interface AgentSession extends AsyncDisposable {
  /** The agent's id of the conversation, as far as it is known yet. */
  readonly nativeSessionId: string | null;
  /** Hands over one message; called only when no turn runs. Resolves when the agent has it. */
  startTurn(prompt: Prompt): Promise<void>;
  /** Stops the running turn; its `turn.ended` follows in bounded time. */
  interrupt(): Promise<void>;
  /** Resolves when the answer has been delivered; rejects when it cannot be. */
  replyPermission(id: string, reply: PermissionReply): Promise<void>;
  /** `answers` null rejects the question. */
  replyQuestion(id: string, answers: string[][] | null): Promise<void>;
}

/** What an agent's models and modes are asked with. */
export interface ModelsOptions {
  executable: string | undefined;
  env: Record<string, string>;
  directory: string;
  startChild: (options: ChildOptions) => Child;
}

/** An agent: everything the daemon needs to know of it. Disposing of it ends what its sessions share. */
export interface Agent extends Partial<AsyncDisposable> {
  readonly id: AgentId;
  readonly capabilities: AgentCapabilities;
  readonly modes: AgentModeInfo[];
  /** Asks for its modes, where the user can make some: then opening a session decides about them. */
  askModes?(options: ModelsOptions): Promise<AgentModeInfo[]>;
  /** Accepted permission modes, each with the one that is stored and used. */
  readonly permissionModes: Readonly<Record<string, string>>;
  /** Whose keys it takes: any one of them makes it usable. */
  readonly providers: ("anthropic" | "openai" | "amp")[];
  /** Where it keeps keys; undefined for an agent that needs none. */
  readonly keyStore?: KeyStore;
  /** How it is found out whether it can work here; undefined for an agent inside the daemon. */
  readonly health?: Health;
  /** Where its executable comes from; undefined for an agent inside the daemon. */
  readonly recipe?: InstallRecipe;
  /** The model a session is said to have when none is asked for. */
  readonly defaultModel: string | null;
  /** Throws a problem where this combination is refused. */
  check?(options: {
    permissionMode: string;
    env: Record<string, string | undefined>;
    uid: number;
  }): void;
  /** Describes the settings in a directory that it leaves out with `ignore`; undefined if none. */
  ignoredSettings?(directory: string, home: string | undefined): Promise<string | undefined>;
  /** How the process is that its sessions share; undefined for an agent without one. */
  serverStatus?(): ServerStatusInfo;
  models(options: ModelsOptions): Promise<AgentModelsResponse>;
  /** Opens a conversation; rejects with a problem where that is impossible. */
  open(options: OpenOptions): Promise<AgentSession>;
}
