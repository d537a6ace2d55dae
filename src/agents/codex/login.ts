import { AccountAnswer } from "./protocol.ts";
import type { Rpc } from "./rpc.ts";

/** Codex has nothing by which the model's provider would know it. */
export class NoLogin extends Error {
  override readonly name = "NoLogin";
}

/** Fails where there is neither a key nor a login: Codex would ask the provider all the same (0.169.0). */
export async function requireLogin(rpc: Rpc): Promise<void> {
  const { account, requiresOpenaiAuth } = AccountAnswer.parse(
    await rpc.request("account/read", { refreshToken: false }),
  );
  if (account !== null || !requiresOpenaiAuth) return;
  throw new NoLogin(
    "Codex has neither a key nor a login: start the daemon with OPENAI_API_KEY set, or run `codex login`",
  );
}
