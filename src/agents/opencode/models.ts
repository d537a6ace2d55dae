import type { AgentModelsResponse } from "../../schema/agent.ts";
import { ProblemError } from "../../schema/problem.ts";
import { ownMember } from "../foreign.ts";
import type { OpencodeHttp } from "./http.ts";
import { Providers } from "./protocol.ts";

/** OpenCode's own provider, which works without a key: nobody is sent there unasked. */
const PUBLIC = "opencode";
/** Whose model is taken where several can be used and none is asked for. */
const PREFERRED = ["anthropic", "openai"];

/** The user has configured no provider and given no key. */
export class NoProvider extends Error {
  override readonly name = "NoProvider";

  constructor() {
    super(
      "OpenCode has no provider: start the daemon with ANTHROPIC_API_KEY or OPENAI_API_KEY set, or configure one in opencode.json",
    );
  }
}

/** A model as OpenCode wants it named. */
export interface ModelName {
  providerID: string;
  modelID: string;
}

/** The providers that the user has configured, or given a key for. */
export async function configured(http: OpencodeHttp, directory: string): Promise<Providers> {
  const found = Providers.parse(await http.request("GET", "/config/providers", { directory }));
  return { ...found, providers: found.providers.filter(({ id }) => id !== PUBLIC) };
}

/**
 * The model that a session uses: the one asked for, else that of a configured provider.
 * @throws NoProvider
 */
export async function modelOf(
  http: OpencodeHttp,
  directory: string,
  asked: string | null,
): Promise<ModelName> {
  if (asked !== null) {
    const slash = asked.indexOf("/");
    if (slash > 0) return { providerID: asked.slice(0, slash), modelID: asked.slice(slash + 1) };
  }
  const wanted = asked ?? (await configuredModel(http, directory));
  const { providers, default: usual } = await configured(http, directory);
  const named = providers.find(
    ({ models }) => wanted !== undefined && Object.hasOwn(models, wanted),
  );
  if (wanted?.includes("/")) return await modelOf(http, directory, wanted);
  if (wanted !== undefined && named) return { providerID: named.id, modelID: wanted };
  const ids = providers.map(({ id }) => id).toSorted((a, b) => rank(a) - rank(b));
  const [providerID] = ids;
  const modelID = providerID === undefined ? undefined : ownMember(usual, providerID);
  if (asked === null && providerID !== undefined && modelID !== undefined) {
    return { providerID, modelID };
  }
  if (providerID === undefined) throw new NoProvider();
  throw new ProblemError(
    "stream_error",
    `stream error: OpenCode knows no model ${asked}: name it as provider/model, as GET /v1/agents/opencode/models does`,
    { agent: "opencode" },
  );
}

/** The same, or undefined without a provider. One may be configured before the first turn. */
export async function modelIfConfigured(
  http: OpencodeHttp,
  directory: string,
  asked: string | null,
): Promise<ModelName | undefined> {
  try {
    return await modelOf(http, directory, asked);
  } catch (cause) {
    if (cause instanceof NoProvider) return undefined;
    throw cause;
  }
}

async function configuredModel(http: OpencodeHttp, directory: string): Promise<string | undefined> {
  const config = await http.request("GET", "/config", { directory });
  const model = typeof config === "object" && config !== null && "model" in config && config.model;
  return typeof model === "string" ? model : undefined;
}

function rank(id: string): number {
  const index = PREFERRED.indexOf(id);
  return index === -1 ? PREFERRED.length : index;
}

/** The models of all configured providers. */
export async function askModels(
  http: OpencodeHttp,
  directory: string,
): Promise<AgentModelsResponse> {
  const { providers } = await configured(http, directory);
  const models = providers.flatMap(({ id, models: offered }) =>
    Object.entries(offered).map(([model, { name, variants }]) => {
      const names = Object.keys(variants ?? {});
      return {
        id: `${id}/${model}`,
        ...(name != null && { name }),
        ...(names.length > 0 && { variants: names }),
      };
    }),
  );
  if (models.length === 0) return { models };
  const { providerID, modelID } = await modelOf(http, directory, null);
  return { models, defaultModel: `${providerID}/${modelID}` };
}
