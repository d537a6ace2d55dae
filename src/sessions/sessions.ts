import { realpath } from "node:fs/promises";
import { isAbsolute } from "node:path";
import type { Agent, AgentSession, OpenOptions } from "../agents/agent.ts";
import { directoryProblem } from "../io/directory-problem.ts";
import type { Child, ChildOptions } from "../io/child.ts";
import { within } from "../io/within.ts";
import type { AgentId } from "../schema/agent.ts";
import type { TurnEndedMetadata } from "../schema/event.ts";
import { invalidRequest, ProblemError, unsupportedAgent } from "../schema/problem.ts";
import type { CreateSessionRequest, RepositorySettings } from "../schema/session.ts";
import { EventBuffer } from "./event-buffer.ts";
import { EventLog } from "./event-log.ts";
import { ignoredNotice } from "./ignored-notice.ts";
import { QueueBudget } from "./queue-budget.ts";
import type { SessionSecrets } from "./redact-failure.ts";
import { Session } from "./session.ts";
import type { SessionSettings } from "./settings.ts";

const PERMISSION_MODES = ["default", "plan", "bypass", "acceptEdits"];

/** How long the daemon's end waits for a session that is being created. */
const CLOSING_MS = 1000;

/** What sessions are made from; the daemon hands it in. */
export interface SessionsOptions {
  agents: ReadonlyMap<string, Agent>;
  buffer: EventBuffer;
  /** Where an agent works when its session names no directory. */
  directory: string;
  /** After so many idle milliseconds an agent's process may go; 0: never. */
  agentIdleMs: number;
  /** For sessions that do not set it; by default it depends on the permission mode. */
  repositorySettings?: RepositorySettings | undefined;
  /** The daemon's own environment, against which agents check what they are asked for. */
  env: Record<string, string | undefined>;
  /** The user that agents run as. */
  uid: number;
  /** The group of that user; undefined when agents run as the daemon's own user. */
  childGroup?: number | undefined;
  /** The folder in which agents are installed. */
  installDir?: string | undefined;
  /** The environment of an agent's processes, less `session`, the variables that a session adds. */
  childEnv(
    agent: Agent,
    session: Record<string, string>,
  ): Record<string, string> | Promise<Record<string, string>>;
  /** The agent's executable, installed now if it is missing; undefined for one without. */
  ensureExecutable(agent: Agent, version: string | undefined): Promise<string | undefined>;
  /** Starts a process of an agent. */
  startChild: (options: ChildOptions, agent: AgentId, secrets: SessionSecrets) => Child;
  self: OpenOptions["self"];
  /** The secrets among the variables of one session. */
  secretsOf: (session: Record<string, string>) => SessionSecrets;
  /** Told of every turn that starts. */
  onTurnStarted?: (agent: AgentId) => void;
  /** Told of every turn that ends. */
  onTurnEnded?: (agent: AgentId, metadata: TurnEndedMetadata) => void;
}

interface Entry {
  session: Session;
  secrets: SessionSecrets;
  /** Resolves when the session can be used; rejects when its creation failed. */
  ready: Promise<void>;
}

/** All conversations of the daemon, by id. */
export class Sessions implements AsyncDisposable {
  readonly #options: SessionsOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #queues: QueueBudget;
  /** Aborted when nothing is created any more. */
  readonly #closing = new AbortController();
  /** Events of sessions that are forgotten. */
  #forgottenEvents = 0;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#queues = new QueueBudget(options.buffer.budgetBytes);
  }

  /** Creates a session; of racing calls for one id the first wins, and a failed one frees the id. */
  async create(sessionId: string, request: CreateSessionRequest): Promise<Session> {
    const agent = this.#agentOf(request.agent);
    if (this.#entries.has(sessionId)) {
      throw new ProblemError("session_already_exists", `session already exists: ${sessionId}`, {
        sessionId,
      });
    }
    this.#closing.signal.throwIfAborted();
    const settings = this.#settings(sessionId, agent, request);
    const { buffer, secretsOf, childGroup, onTurnStarted, onTurnEnded } = this.#options;
    const secrets = secretsOf(request.env ?? {});
    const session = new Session(settings, new EventLog(buffer), {
      redact: secrets.redactIn,
      childGroup,
      queues: this.#queues,
      onTurnStarted: () => onTurnStarted?.(agent.id),
      onTurnEnded: (metadata) => onTurnEnded?.(agent.id, metadata),
    });
    const ready = this.#open(session, agent, request, secrets);
    this.#entries.set(sessionId, { session, secrets, ready });
    try {
      await ready;
      return session;
    } catch (error) {
      this.#entries.delete(sessionId);
      session.log.forget();
      secrets[Symbol.dispose]();
      throw secrets.redactIn(error);
    }
  }

  /** The session of this id, once it has been created; throws `session_not_found`. */
  async get(sessionId: string): Promise<Session> {
    const entry = this.#entries.get(sessionId);
    if (!entry) throw notFound(sessionId);
    try {
      await entry.ready;
    } catch {
      throw notFound(sessionId);
    }
    return entry.session;
  }

  /** The session of this id, also while it is being created; throws `session_not_found`. */
  peek(sessionId: string): Session {
    const entry = this.#entries.get(sessionId);
    if (!entry) throw notFound(sessionId);
    return entry.session;
  }

  /** The memory that the events of all sessions share. */
  get buffer(): EventBuffer {
    return this.#options.buffer;
  }

  /** How many events have been recorded since the daemon began. */
  get eventsRecorded(): number {
    return this.list().reduce((sum, { log }) => sum + log.lastSequence, this.#forgottenEvents);
  }

  /** All sessions, the newest first. */
  list(): Session[] {
    return [...this.#entries.values()].map(({ session }) => session).toReversed();
  }

  /** Ends a session and forgets it with its log; the id is free again. */
  async delete(sessionId: string): Promise<void> {
    const session = await this.get(sessionId);
    await session[Symbol.asyncDispose]();
    const entry = this.#entries.get(sessionId);
    if (entry?.session !== session) throw notFound(sessionId);
    this.#entries.delete(sessionId);
    entry.secrets[Symbol.dispose]();
    this.#forgottenEvents += session.log.lastSequence;
    session.log.forget();
  }

  /** Terminates every session; no other is created afterwards. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(invalidRequest("the daemon is shutting down"));
    const entries = [...this.#entries.values()];
    await Promise.allSettled(
      entries.map(async ({ session, ready }) => {
        await ready;
        await session[Symbol.asyncDispose]();
      }),
    );
  }

  #agentOf(id: string): Agent {
    const agent = this.#options.agents.get(id);
    if (agent) return agent;
    throw unsupportedAgent(id);
  }

  #settings(sessionId: string, agent: Agent, request: CreateSessionRequest): SessionSettings {
    const asked = request.permissionMode ?? "default";
    const permissionMode = Object.hasOwn(agent.permissionModes, asked)
      ? agent.permissionModes[asked]
      : undefined;
    const agentMode = request.agentMode ?? "build";
    if (!agent.askModes && !agent.modes.some((mode) => mode.id === agentMode)) {
      throw unsupportedMode(agent.id, agentMode);
    }
    if (!PERMISSION_MODES.includes(asked))
      throw invalidRequest(`invalid permission mode: ${asked}`);
    if (permissionMode === undefined) throw unsupportedMode(agent.id, asked);
    const { env, uid } = this.#options;
    agent.check?.({ permissionMode, env, uid });
    return {
      sessionId,
      agentId: agent.id,
      agentMode,
      permissionMode,
      repositorySettings:
        request.repositorySettings ??
        this.#options.repositorySettings ??
        defaultRepositorySettings(permissionMode),
      model: request.model ?? agent.defaultModel,
      variant: request.variant ?? null,
      directory: request.directory ?? this.#options.directory,
      title: request.title ?? null,
      interaction: request.interaction ?? {},
    };
  }

  async #open(
    session: Session,
    agent: Agent,
    request: CreateSessionRequest,
    secrets: SessionSecrets,
  ): Promise<void> {
    const { directory } = session.settings;
    const realDirectory = await requireDirectory(directory);
    const version = request.agentVersion ?? undefined;
    const executable = await this.#options.ensureExecutable(agent, version);
    const sessionEnv = request.env ?? {};
    const freshEnv = async () => ({
      ...(await this.#options.childEnv(agent, sessionEnv)),
      ...sessionEnv,
    });
    const shared = await this.#options.childEnv(agent, {});
    const hasOwn = Object.keys(sessionEnv).length > 0;
    const env = hasOwn ? await freshEnv() : shared;
    const ignored = await this.#ignored(session.settings, agent);
    if (ignored !== undefined) session.receive([ignoredNotice(ignored)]);
    const opening = agent.open({
      ...session.settings,
      directory: realDirectory,
      env,
      freshEnv,
      sessionEnv,
      shared: { env: shared },
      executable,
      idleMs: this.#options.agentIdleMs,
      emit: (outputs) => session.receive(outputs),
      startChild: (child) => this.#options.startChild(child, agent.id, secrets),
      childGroup: this.#options.childGroup,
      installDir: this.#options.installDir,
      self: this.#options.self,
    });
    session.start(await this.#unlessClosing(opening));
  }

  /** Describes the settings of the session's directory that the agent leaves out. */
  async #ignored(
    { repositorySettings, directory }: SessionSettings,
    agent: Agent,
  ): Promise<string | undefined> {
    if (repositorySettings === "use") return undefined;
    return await agent.ignoredSettings?.(directory, this.#options.env["HOME"]);
  }

  /** What an agent opens, unless the daemon ends first: a server may be long in starting. */
  async #unlessClosing(opening: Promise<AgentSession>): Promise<AgentSession> {
    const { signal } = this.#closing;
    const opened =
      (await within(opening, signal)) || (await within(opening, AbortSignal.timeout(CLOSING_MS)));
    if (opened) return await opening;
    // What comes of it now ends with the server that the agent ends.
    opening.then((late) => late[Symbol.asyncDispose]()).catch(() => undefined);
    throw signal.reason;
  }
}

/** In every mode but bypass, settings of a repository must not run anything without a permission. */
function defaultRepositorySettings(permissionMode: string): RepositorySettings {
  return permissionMode === "bypass" ? "use" : "ignore";
}

/**
 * The real path of a directory. Given a path through a link, Codex (0.169) applies no patch, and
 * Claude Code and OpenCode request permissions for the session's own files.
 */
async function requireDirectory(directory: string): Promise<string> {
  if (!isAbsolute(directory)) {
    throw invalidRequest(`directory must be an absolute path: ${directory}`);
  }
  try {
    // The final dot fails for a file, so that one call of the system finds and checks the directory.
    return await realpath(`${directory}/.`);
  } catch (cause) {
    throw invalidRequest(`directory ${directory} ${directoryProblem(cause)}`);
  }
}

function notFound(sessionId: string): ProblemError {
  return new ProblemError("session_not_found", `session not found: ${sessionId}`, { sessionId });
}

function unsupportedMode(agent: AgentId, mode: string): ProblemError {
  return new ProblemError("mode_not_supported", `mode not supported: ${agent} ${mode}`, {
    agent,
    details: { mode },
  });
}
