import type { Agent } from "../agents/agent.ts";
import type { Credential, Credentials } from "../credentials/credentials.ts";
import type { DoctorCheck } from "../schema/doctor.ts";

const CHECK = { id: "credentials", title: "Credentials" };

/** Whether an agent has a key; which one is never told. */
export async function checkCredentials(
  agent: Agent,
  credentials: Credentials,
): Promise<DoctorCheck> {
  const found = await credentials.ofAgent(agent);
  if (found.length > 0) {
    return { ...CHECK, status: "ok", detail: found.map(describe).join("; ") };
  }
  const setUps = await credentials.setUps(agent);
  if (setUps.length > 0) {
    return { ...CHECK, status: "ok", detail: `set up by ${setUps.join(", ")}` };
  }
  const { login: cure, mayDoWithout } = agent.health ?? {};
  if ((await credentials.choice(agent)).isMade) {
    const detail = "none is found; its user has configured a provider, into which is not looked";
    return { ...CHECK, status: "warning", detail, ...(cure !== undefined && { cure }) };
  }
  const none = `none of ${agent.providers.join(" or ")} is found`;
  const detail = mayDoWithout === undefined ? none : `${none}, but ${mayDoWithout}`;
  const status = mayDoWithout === undefined ? "failed" : "warning";
  return { ...CHECK, status, detail, ...(cure !== undefined && { cure }) };
}

/** Where a key is, in words. */
export function placeOf({ source }: Pick<Credential, "source">): string {
  return source === "environment" ? "in the environment" : `stored by ${source}`;
}

function describe({ provider, type, source, expired }: Credential): string {
  const kind = type === "oauth" ? "the token of a login" : "an API key";
  return `${provider}: ${kind} ${placeOf({ source })}${expired ? ", which has to be renewed first" : ""}`;
}
