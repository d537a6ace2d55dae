import { setTimeout as sleep } from "node:timers/promises";
import type { Agent, OpenOptions } from "../agents/agent.ts";
import type { InstallRecipe } from "../agents/recipe.ts";
import type {
  AgentInfo,
  AgentModelsResponse,
  AgentModesResponse,
  InstallProgress,
} from "../schema/agent.ts";
import { ProblemError } from "../schema/problem.ts";
import { orStreamError } from "./problems.ts";

/** How long the search for one agent may hold up an answer; then what was found last is told. */
const FIND_MS = 30;

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

/** What the catalog is made from; the daemon hands it in. */
export interface AgentCatalogOptions {
  agents: ReadonlyMap<string, Agent>;
  installer: AgentInstaller;
  hasCredentials(agent: Agent): boolean | Promise<boolean>;
  /** The environment of an agent's processes. */
  childEnv(agent: Agent): Record<string, string>;
  /** Where an agent works that is only asked for its models. */
  directory: string;
  startChild: OpenOptions["startChild"];
  findMs?: number;
}

interface KnownModels {
  /** Of which executable they are. */
  key: string;
  models: Promise<AgentModelsResponse>;
}

/** The agents of this daemon: which there are, which are installed, and what they offer. */
export class AgentCatalog {
  readonly #options: AgentCatalogOptions;
  readonly #models = new Map<string, KnownModels>();
  /** What was found last, by agent. */
  readonly #found = new Map<string, FoundAgent>();

  constructor(options: AgentCatalogOptions) {
    this.#options = options;
  }

  /** All agents, whether installed or not. */
  async list(): Promise<AgentInfo[]> {
    return await Promise.all(this.#options.agents.values().map((agent) => this.#describe(agent)));
  }

  /** Installs an agent that is not there, or with `reinstall` in any case. */
  async install(id: string, { reinstall }: { reinstall: boolean }): Promise<void> {
    const agent = this.#get(id);
    if (agent.unavailable !== undefined && !agent.recipe) throw unsupported(id, agent.unavailable);
    if (agent.recipe) await this.#options.installer.install(id, agent.recipe, { reinstall });
  }

  modes(id: string): AgentModesResponse {
    return { modes: this.#get(id).modes };
  }

  /** The models that an agent offers, asked for once per executable. */
  async models(id: string): Promise<AgentModelsResponse> {
    const agent = this.#get(id);
    const found = await this.#find(agent);
    const key = JSON.stringify([found?.path, found?.version]);
    const known = this.#models.get(id);
    if (known?.key === key) return await known.models;
    const models = this.#askModels(agent, found?.path);
    const asked = { key, models };
    this.#models.set(id, asked);
    try {
      const { models: offered } = await models;
      if (offered.length === 0) this.#forget(id, asked);
    } catch (error) {
      this.#forget(id, asked);
      throw error;
    }
    return await models;
  }

  #askModels(agent: Agent, executable: string | undefined): Promise<AgentModelsResponse> {
    const { directory, startChild } = this.#options;
    const env = this.#options.childEnv(agent);
    return orStreamError(agent.models({ executable, env, directory, startChild }));
  }

  #forget(id: string, asked: KnownModels): void {
    if (this.#models.get(id) === asked) this.#models.delete(id);
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
      ...(agent.serverStatus && { serverStatus: agent.serverStatus() }),
      ...(install && { install }),
    };
  }

  /** What there is of an agent: only a version for one inside the daemon. */
  async #find(agent: Agent): Promise<{ path?: string; version?: string } | undefined> {
    const { id, recipe, unavailable } = agent;
    if (unavailable !== undefined && !recipe) return undefined;
    if (!recipe) return { version: "builtin" };
    const { findMs = FIND_MS } = this.#options;
    const enough = new AbortController();
    const late = sleep(findMs, undefined, { signal: enough.signal });
    await Promise.race([this.#look(id, recipe), late.catch(() => undefined)]);
    enough.abort();
    return this.#found.get(id);
  }

  /** Looks for an agent, and keeps what is found; never rejects. */
  async #look(id: string, recipe: InstallRecipe): Promise<void> {
    try {
      const found = await this.#options.installer.find(id, recipe);
      if (!found) return void this.#found.delete(id);
      const { path, version } = found;
      this.#found.set(id, { path, ...(version !== undefined && { version }) });
    } catch {
      // A folder that cannot be read holds no agent; the other agents are listed all the same.
      this.#found.delete(id);
    }
  }

  #get(id: string): Agent {
    const agent = this.#options.agents.get(id);
    if (!agent) throw unsupported(id, id);
    return agent;
  }
}

function unsupported(agent: string, why: string): ProblemError {
  return new ProblemError("unsupported_agent", `unsupported agent: ${why}`, { agent });
}
