import type { Agent } from "../agents/agent.ts";
import type { KeyStore, Places, StoredKey } from "../agents/key-store.ts";
import { type FoundKey, isValid, StoredKeys } from "./stored-keys.ts";
import { findVariable, namesOf, providers } from "./variables.ts";

type Variables = Record<string, string>;

/** In which order the agents' stores are asked (as the reference does), others after them. */
const ORDER = ["amp", "claude", "codex", "opencode"];
/** The variables that, besides HOME, decide where agents keep their files. */
export const PLACES: readonly string[] = [
  "XDG_DATA_HOME",
  "XDG_CONFIG_HOME",
  "CLAUDE_CONFIG_DIR",
  "CODEX_HOME",
  "OPENCODE_CONFIG",
];
/** A session that has one of these may have a login, or a server, that nothing is known of. */
const OF_ITS_OWN = [...PLACES, "HOME", "ANTHROPIC_BASE_URL", "OPENAI_BASE_URL", "AMP_URL"];

/** A key, and where it is from: `environment`, or the name of an agent's store. */
export interface Credential extends Pick<StoredKey, "provider" | "key" | "type"> {
  source: string;
  /** The variables that it belongs into; none where no variable takes it. */
  names: readonly string[];
  /** Its agent has to renew it before it can be used. */
  expired?: true;
}

/** What decides where keys are looked for. */
export interface CredentialsOptions extends Places {
  agents: ReadonlyMap<string, Agent>;
  /** Default: the clock. */
  now?: () => number;
}

/** The keys of this user: those in the environment, and those that agents have stored. */
export class Credentials {
  readonly #agents: readonly Agent[];
  readonly #env: Places["env"];
  readonly #stored: StoredKeys;
  readonly #now: () => number;

  constructor({ agents, now = Date.now, ...places }: CredentialsOptions) {
    const rank = ({ id }: Agent) => (ORDER.includes(id) ? ORDER.indexOf(id) : ORDER.length);
    this.#agents = [...agents.values()].toSorted((a, b) => rank(a) - rank(b));
    this.#env = places.env;
    this.#stored = new StoredKeys(places);
    this.#now = now;
  }

  /** The key of every provider of which there is one: from the environment, else from a store. */
  async find({ oauth = true }: { oauth?: boolean } = {}): Promise<Credential[]> {
    const types: StoredKey["type"][] = oauth ? ["api_key", "oauth"] : ["api_key"];
    const found = new Map<string, Credential>();
    for (const provider of providers) {
      const variable = findVariable(provider, this.#env, types);
      if (variable) found.set(provider, { ...variable, source: "environment" });
    }
    for (const stored of await this.#usable(this.#stores())) {
      const { provider, type } = stored;
      if (types.includes(type) && !found.has(provider))
        found.set(provider, this.#toCredential(stored));
    }
    // First those that every agent knows: the names of others are whatever a file says.
    const order = ({ provider }: Credential) => {
      return providers.includes(provider) ? providers.indexOf(provider) : providers.length;
    };
    return [...found.values()].toSorted((a, b) => order(a) - order(b));
  }

  /** What an agent would work with, its own keys of further providers at the end. */
  async ofAgent(agent: Agent): Promise<Credential[]> {
    const { keyStore, providers } = agent;
    const takes = keyStore?.takes ?? ["api_key"];
    const own = await this.#own(agent);
    const others = own.length > 0 ? [] : await this.#others(agent);
    const known = providers.flatMap((provider): Credential[] => {
      const variable = findVariable(provider, this.#env, takes);
      const first =
        keyStore?.beforeVariables === true && own.find((key) => key.provider === provider);
      if (variable && !first) return [{ ...variable, source: "environment" }];
      const stored = [...own, ...others].find((key) => key.provider === provider);
      if (!stored) return [];
      return [this.#toCredential(stored)];
    });
    const more = own.filter(({ provider }) => !known.some((one) => one.provider === provider));
    return [...known, ...more.map((stored) => this.#toCredential(stored))];
  }

  /** Whether the user has chosen whom an agent talks to, and the settings in which that may stand. */
  async choice({ keyStore }: Agent): Promise<{ settings: string[]; isMade: boolean }> {
    if (!keyStore) return { settings: [], isMade: false };
    return {
      settings: await this.#stored.settings(keyStore),
      isMade: await this.#stored.hasChosen(keyStore),
    };
  }

  /** Whether an agent has a key that it can use, or a set-up in place of one; one that needs none has it always. */
  async available(agent: Agent): Promise<boolean> {
    if (agent.providers.length === 0) return true;
    return (await this.ofAgent(agent)).length > 0 || (await this.setUps(agent)).length > 0;
  }

  /** Set-ups that take the place of a key, such as an `apiKeyHelper` or a cloud. */
  async setUps({ keyStore }: Agent): Promise<string[]> {
    return keyStore ? await this.#stored.setUps(keyStore) : [];
  }

  /**
   * The environment of an agent's processes: ours, less what is ours alone, plus its keys under the
   * names it reads. A key of another agent's store is handed on only to an agent that has none of
   * its own, and not where the variables of the session say whom it talks to, or with which key.
   */
  async environment(agent: Agent, session: Readonly<Variables> = {}): Promise<Variables> {
    const takes = agent.keyStore?.takes ?? ["api_key"];
    const handed: Variables = {};
    const isOwn =
      OF_ITS_OWN.some((name) => session[name] !== undefined) || (await this.#own(agent)).length > 0;
    const others = isOwn ? [] : await this.#others(agent);
    for (const provider of agent.providers) {
      const variable = findVariable(provider, this.#env, takes);
      if (variable) Object.assign(handed, named(variable.names, variable.key));
      else if (!findVariable(provider, session, ["api_key", "oauth"])) {
        const other = others.find((key) => key.provider === provider);
        if (other) Object.assign(handed, named(namesOf(provider, other.type), other.key));
      }
    }
    const inherited = Object.entries(this.#env).flatMap(([name, value]) =>
      value === undefined || name.startsWith("SANDBOX_AGENT_") ? [] : [[name, value] as const],
    );
    return { ...Object.fromEntries(inherited), ...handed };
  }

  /** An agent's own logins, also one that it has to renew first. */
  async #own({ keyStore }: Agent): Promise<FoundKey[]> {
    const keys = keyStore ? await this.#stored.of(keyStore) : [];
    const now = this.#now();
    return keys.filter((key) => !key.unused && (key.renewable === true || isValid(key, now)));
  }

  /**
   * What an agent can be given that has neither a login nor a key in the environment; nothing where
   * its user has chosen otherwise.
   */
  async #others({ keyStore, providers }: Agent): Promise<FoundKey[]> {
    if (!keyStore || (await this.#stored.hasChosen(keyStore))) return [];
    // With a key more it might talk to someone else than it does with the one it has.
    if (providers.some((one) => findVariable(one, this.#env, keyStore.takes))) return [];
    const all = await this.#usable(this.#stores());
    return all.filter(({ provider, type }) => {
      return keyStore.takes.includes(type) && namesOf(provider, type).length > 0;
    });
  }

  #toCredential(stored: FoundKey): Credential {
    const { provider, key, type, source } = stored;
    const expired = !isValid(stored, this.#now());
    const names = namesOf(provider, type);
    return { provider, key, type, source, names, ...(expired && { expired }) };
  }

  #stores(): KeyStore[] {
    return this.#agents.flatMap(({ keyStore }) => (keyStore ? [keyStore] : []));
  }

  async #usable(stores: KeyStore[]): Promise<FoundKey[]> {
    const now = this.#now();
    const keys = await Promise.all(stores.map((store) => this.#stored.of(store)));
    return keys.flat().filter((key) => isValid(key, now));
  }
}

function named(names: readonly string[], key: string): Variables {
  return Object.fromEntries(names.map((name) => [name, key]));
}
