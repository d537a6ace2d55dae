import type { AgentCapabilities, AgentId } from "../../../src/schema/agent.ts";
import type { CreateSessionRequest } from "../../../src/schema/session.ts";
import type { OpenSession, SessionBody, SessionWork } from "../../support/agent-daemon.ts";
import type { Daemon } from "../../support/daemon.ts";
import type { WaitOptions } from "../../support/gates.ts";
import type { Part, Step } from "../../support/model-script.ts";
import type { LivingProcess } from "../../support/processes.ts";
import type { TemporaryHome } from "../../support/sandbox.ts";
import type { Calls } from "./pairs.ts";

/** What an agent is made to do by its scripted model. Each subject knows how to ask for it. */
export type Act =
  | "text"
  | "think"
  | "blocks"
  | "slow"
  | "bash"
  | "bashtwice"
  | "bashfail"
  | "bashlong"
  | "bashticks"
  | "parallel"
  | "write"
  | "writeone"
  | "ask"
  | "plan"
  | "todo"
  | "mcp"
  | "draw"
  | "subagent"
  | "subagentwrite"
  | "maxtokens"
  | "refusal"
  | "e400"
  | "e401"
  | "e429"
  | "e429recovers"
  | "e500"
  | "e500recovers"
  | "overload"
  | "drop"
  | "cut"
  | "cutrecovers"
  | "malformed"
  | "toolong";

/** The scripted model that an agent talks to. */
export interface ScriptedModel {
  /** The newest requests of all sessions. */
  readonly requests: readonly object[];
  /** The newest requests of one session, which its native id names. */
  requestsOf(nativeSessionId: string): readonly object[];
  script(name: string, steps: readonly Step[]): void;
  reached(name: string, options?: WaitOptions & { times?: number }): Promise<void>;
  release(name: string): void;
}

/** A daemon that runs the agent, and what it needs around it. */
export interface Rig extends AsyncDisposable {
  readonly home: TemporaryHome;
  readonly daemon: Daemon;
  readonly model: ScriptedModel;
  /** Opens a session, works in it, and finishes it. */
  session(work: SessionWork, body?: SessionBody): Promise<void>;
  /** Opens a session in a directory of its own. */
  open(body?: SessionBody): Promise<OpenSession>;
  /** Creates an empty directory. */
  directory(name: string): Promise<string>;
  /** The processes of the agent itself. */
  agentProcesses(): Promise<LivingProcess[]>;
  /** The processes of this home whose command line holds a word. */
  processes(word: string): Promise<LivingProcess[]>;
}

/** In which surroundings a scenario plays; those of one kind share a daemon. */
export type Surroundings = "usual" | "keyless" | "idle" | "killed";

/** Reason to play a scenario after all others of its daemon; `stops the daemon` plays last. */
export type AloneReason =
  | "counts the agent's processes"
  | "stops the agent's processes"
  | "kills the agent's processes"
  | "waits for the agent to be idle"
  | "stops the daemon";

/** An agent, as the contract sees it. */
export interface Subject {
  readonly id: AgentId;
  readonly start: (surroundings: Surroundings) => Promise<Rig>;
  /** The number of scenarios that play at the same time in one daemon. */
  readonly concurrency: number;
  /** How it is asked for an act, where that is not `go @@<act>@@` in a plain session. */
  readonly acts?: Partial<Record<Act, { message?: string; body?: Partial<CreateSessionRequest> }>>;
  /** A call of its tool that runs a command. */
  readonly command: (command: string) => Part;
  /** Calls of its tools that need a permission; absent for an agent that runs none. */
  readonly calls?: Calls;
  /** The action of a permission for a command, and for a change of files. */
  readonly actions: { command: string; edit: string };
  /** A model that is not its default one, and an effort. */
  readonly model: string;
  readonly variant?: string;
  /** How the model is told of that effort. */
  readonly effort?: RegExp;
  /** Scenarios that it cannot do, each with the reason. */
  readonly cannot: Readonly<Record<string, string>>;
  /** Scenarios of its own, which show what those of all cannot. */
  readonly own?: readonly Scenario[];
  /** Capabilities that it claims though no scenario proves them, each with the reason. */
  readonly claims?: Partial<Record<keyof AgentCapabilities, string>>;
}

/** What a scenario has at hand. */
export interface Stage {
  readonly subject: Subject;
  readonly rig: Rig;
  /** The message that makes the agent do something. */
  message(act: Act): string;
  /** Scripts the model for this scenario alone; returns the message that makes it follow the script. */
  script(steps: readonly Step[]): string;
  /** The processes that run `bashlong` for the session of a directory. */
  longCommands(directory: string): Promise<LivingProcess[]>;
  /**
   * Opens a session that is fit for an act, works in it, and finishes it. For a scenario that needs a
   * new session, or leaves something in it, such as a permission that is allowed always.
   */
  session(act: Act, work: SessionWork, body?: SessionBody): Promise<void>;
  /**
   * Works in a session that is fit for an act. Earlier scenarios may have used it, and later ones
   * may use it, so it must be idle at the end. Its directory is empty, and it shows no earlier events.
   */
  sharedSession(act: Act, work: SessionWork, body?: SessionBody): Promise<void>;
}

/** One thing that every agent must do, or say why not. */
export interface Scenario {
  /** `<subject matter>.<what>`. */
  readonly id: string;
  /** A requirement in a sentence. */
  readonly title: string;
  /** The capabilities that an agent may claim because it passes this one. */
  readonly proves?: readonly (keyof AgentCapabilities)[];
  readonly surroundings?: Surroundings;
  /** Present where sessions of other scenarios would disturb it, or it would disturb them. */
  readonly alone?: AloneReason;
  /** Milliseconds after which it counts as hung, where the usual limit is too short. */
  readonly limitMs?: number;
  play(stage: Stage): Promise<void>;
}
