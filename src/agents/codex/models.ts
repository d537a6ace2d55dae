import { z } from "zod";
import type { ModelsOptions } from "../agent.ts";
import type { AgentModelsResponse } from "../../schema/agent.ts";
import { serverArguments } from "./launch.ts";
import { CodexServer } from "./server.ts";

const ModelList = z.looseObject({
  data: z.array(
    z.looseObject({
      id: z.string(),
      displayName: z.string().nullish(),
      isDefault: z.boolean().nullish(),
      hidden: z.boolean().nullish(),
      supportedReasoningEfforts: z
        .array(z.looseObject({ reasoningEffort: z.string() }))
        .nullish()
        .catch(undefined),
      defaultReasoningEffort: z.string().nullish(),
    }),
  ),
  nextCursor: z.string().nullish(),
});

/** A list that never ends is not read further. */
const MAX_PAGES = 20;

/** The models that the installed Codex offers, asked of a server that is ended again. */
export async function codexModels(options: ModelsOptions): Promise<AgentModelsResponse> {
  const { executable, env, startChild } = options;
  if (executable === undefined) return { models: [] };
  const args = await serverArguments(env);
  await using server = new CodexServer({ executable, args, env, startChild, idleMs: 0 });
  const { rpc } = await server.connect();
  const found: z.infer<typeof ModelList>["data"] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const list = ModelList.parse(await rpc.request("model/list", { cursor, limit: null }));
    found.push(...list.data.filter(({ hidden }) => hidden !== true));
    cursor = list.nextCursor ?? null;
    if (cursor === null) break;
  }
  const chosen = found.find(({ isDefault }) => isDefault === true) ?? found[0];
  return {
    models: found.map(({ id, displayName, supportedReasoningEfforts, defaultReasoningEffort }) => ({
      id,
      ...(displayName != null && { name: displayName }),
      ...(supportedReasoningEfforts && {
        variants: supportedReasoningEfforts.map(({ reasoningEffort }) => reasoningEffort),
      }),
      ...(defaultReasoningEffort != null && { defaultVariant: defaultReasoningEffort }),
    })),
    ...(chosen && { defaultModel: chosen.id }),
  };
}
