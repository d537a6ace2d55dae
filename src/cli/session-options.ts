import { z } from "zod";
import { type CreateSessionRequest, RepositorySettings } from "../schema/session.ts";

/** The options of every command that makes a session. */
export const SessionOptions = z.object({
  agent: z.string(),
  agentMode: z.string().optional(),
  permissionMode: z.string().optional(),
  repositorySettings: RepositorySettings.optional(),
  model: z.string().optional(),
  variant: z.string().optional(),
});
type SessionOptions = z.infer<typeof SessionOptions>;

/** The request that these options mean. */
export function toSessionRequest(options: SessionOptions): CreateSessionRequest {
  const { agent, agentMode, permissionMode, repositorySettings, model, variant } = options;
  return { agent, agentMode, permissionMode, repositorySettings, model, variant };
}
