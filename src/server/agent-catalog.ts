import type { Agent, ModelsOptions, OpenOptions } from "../agents/agent.ts";
import type { InstallRecipe } from "../agents/recipe.ts";
import { within } from "../io/within.ts";
import type {
  AgentInfo,
  AgentModeInfo,
  AgentModelsResponse,
  AgentModesResponse,
  InstallProgress,
} from "../schema/agent.ts";
import type { DoctorReport } from "../schema/doctor.ts";
import { unsupportedAgent } from "../schema/problem.ts";
import { orStreamError } from "./problems.ts";
import { Remembered } from "./remembered.ts";

/** How long the search for one agent may hold up the list of all; where it has been looked for before, how long. */
const FIND_MS = 10_000;
const FIND_AGAIN_MS = 30;
/** How long an agent may take to say what it offers. */
const ASK_MS = 30_000;

/** An agent's executable on this machine. */
export interface FoundAgent {
  path: string;
  version?: string;
}

/** Finds and brings agents. */
export interface AgentInstaller {
  find(agentId: string, recipe: InstallRecipe): Promise<FoundAgent | undefined>;
  install(
    agentId: string,
    recipe: InstallRecipe,
    options: { reinstall: boolean },
  ): Promise<unknown>;
  progress(agentId: string): InstallProgress | undefined;
}

/** An examination that runs. */
interface Examination {
  checkKey: boolean;
  report: Promise<DoctorReport>;
}

/** What the catalog is made from; the daemon hands it in. */
export interface AgentCatalogOptions {
  agents: ReadonlyMap<string, Agent>;
  installer: AgentInstaller;
  hasCredentials(agent: Agent): boolean | Promise<boolean>;
  /** The environment of an agent's processes. */
  childEnv: (agent: Agent) => Record<string, string> | Promise<Record<string, string>>;
  /** Finds out whether an agent can work here. */
  examine(agent: Agent, options: { checkKey: boolean }): Promise<DoctorReport>;
  /** Where an agent works that is only asked for its models. */
  directory: string;
  startChild: OpenOptions["startChild"];
  /** What is told of failures, without secrets. */
  redact: <T>(data: T) => T;
  findMs?: number;
  askMs?: number;
}

/** The agents of this daemon: which there are, which are installed, and what they offer. */
export class AgentCatalog {
  readonly #options: AgentCatalogOptions;
  readonly #models = new Remembered<AgentModelsResponse>(({ models }) => models.length > 0);
  readonly #modes = new Remembered<AgentModeInfo[]>(() => true);
  readonly #examinations = new Map<string, Examination>();
  /** What was found last, by agent: perhaps nothing. */
  readonly #found = new Map<string, FoundAgent | undefined>();

  constructor(options: AgentCatalogOptions) {
    this.#options = options;
  }

  /** All agents, whether installed or not. */
  async list(): Promise<AgentInfo[]> {
    return await Promise.all(this.#options.agents.values().map((agent) => this.#describe(agent)));
  }

  /** How often the server that an agent's sessions share was started again, by agent. */
  restarts(): ReadonlyMap<string, number> {
    return new Map(
      [...this.#options.agents.values()].flatMap((agent) => {
        const status = agent.serverStatus?.();
        return status ? [[agent.id, status.restartCount] as const] : [];
      }),
    );
  }

  /** Installs an agent that is not there, or with `reinstall` in any case. */
  async install(id: string, { reinstall }: { reinstall: boolean }): Promise<void> {
    const agent = this.#get(id);
    if (agent.recipe) await this.#options.installer.install(id, agent.recipe, { reinstall });
  }

  /** The modes that an agent has; those it has in any case where it does not say. */
  async modes(id: string): Promise<AgentModesResponse> {
    const agent = this.#get(id);
    if (!agent.askModes) return { modes: agent.modes };
    const { key, options } = await this.#asking(agent);
    if (options.executable === undefined) return { modes: agent.modes };
    try {
      const asked = this.#modes.get(id, key, async () => {
        return (await agent.askModes?.(options)) ?? agent.modes;
      });
      return { modes: await this.#soon(asked) };
    } catch {
      return { modes: agent.modes };
    }
  }

  /** The models that an agent offers, asked for once per executable. */
  async models(id: string): Promise<AgentModelsResponse> {
    const agent = this.#get(id);
    const { key, options } = await this.#asking(agent);
    const asked = this.#models.get(id, key, () => agent.models(options));
    return await orStreamError(this.#soon(asked));
  }

  /** Whether an agent can work here, and the cure of what is wrong. */
  async examine(id: string, { checkKey }: { checkKey: boolean }): Promise<DoctorReport> {
    const agent = this.#get(id);
    // Each examination starts processes: of one agent only one runs, and callers share its report.
    for (;;) {
      const running = this.#examinations.get(id);
      if (!running) break;
      if (running.checkKey === checkKey) return await running.report;
      await running.report.catch(() => undefined);
    }
    const report = this.#options.examine(agent, { checkKey });
    this.#examinations.set(id, { checkKey, report });
    try {
      return await report;
    } finally {
      this.#examinations.delete(id);
    }
  }

  /** What an agent is asked with, and what its answer depends on. */
  async #asking(agent: Agent): Promise<{ key: string; options: ModelsOptions }> {
    const { directory, startChild, childEnv } = this.#options;
    const [found, env] = await Promise.all([this.#find(agent), childEnv(agent)]);
    const options = { executable: found?.path, env, directory, startChild };
    return { key: JSON.stringify([found?.path, found?.version]), options };
  }

  /** What takes too long is a failure for who waits, and is remembered when it comes. */
  async #soon<T>(answer: Promise<T>): Promise<T> {
    const told = await within(answer, AbortSignal.timeout(this.#options.askMs ?? ASK_MS));
    if (!told) throw new Error("the agent does not say what it offers");
    return await answer;
  }

  async #describe(agent: Agent): Promise<AgentInfo> {
    const [found, credentialsAvailable] = await Promise.all([
      this.#find(agent),
      this.#options.hasCredentials(agent),
    ]);
    const install = this.#options.installer.progress(agent.id);
    return {
      id: agent.id,
      installed: found !== undefined,
      credentialsAvailable,
      ...found,
      capabilities: agent.capabilities,
      ...(agent.serverStatus && { serverStatus: this.#options.redact(agent.serverStatus()) }),
      ...(install && { install }),
    };
  }

  /**
   * What there is of an agent: only a version for one inside the daemon. Where looking takes long,
   * what was found last is told.
   */
  async #find(agent: Agent): Promise<{ path?: string; version?: string } | undefined> {
    const { id, recipe } = agent;
    if (!recipe) return { version: "builtin" };
    const limitMs = this.#found.has(id) ? FIND_AGAIN_MS : (this.#options.findMs ?? FIND_MS);
    await within(this.#look(id, recipe), AbortSignal.timeout(limitMs));
    return this.#found.get(id);
  }

  /** Looks for an agent, and keeps what is found; never rejects. */
  async #look(id: string, recipe: InstallRecipe): Promise<void> {
    try {
      const { path, version } = (await this.#options.installer.find(id, recipe)) ?? {};
      const found =
        path === undefined ? undefined : { path, ...(version !== undefined && { version }) };
      this.#found.set(id, found);
    } catch {
      // A folder that cannot be read holds no agent; the other agents are listed all the same.
      this.#found.set(id, undefined);
    }
  }

  #get(id: string): Agent {
    const agent = this.#options.agents.get(id);
    if (agent) return agent;
    throw unsupportedAgent(id);
  }
}
