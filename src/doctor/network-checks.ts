import type { Endpoint } from "../agents/health.ts";
import type { Credential } from "../credentials/credentials.ts";
import type { Environment } from "../install/environment.ts";
import { type HttpCall, HttpClient, showUrl } from "../install/http.ts";
import { placeOf } from "./credentials-check.ts";
import type { DoctorCheck } from "../schema/doctor.ts";

const REACHED = { id: "endpoint", title: "Endpoint reachable" };
const ACCEPTED = { id: "key", title: "Key accepted" };

/** How servers are asked. */
export interface NetworkOptions {
  /** Proxies and certificates. */
  env: Environment;
  limitMs: number;
}

type Told = Pick<DoctorCheck, "status" | "detail" | "cure">;

/** Whether the servers answer that an agent asks; what they answer does not matter. */
export async function checkEndpoints(
  endpoints: Endpoint[] | string,
  options: NetworkOptions,
): Promise<DoctorCheck> {
  if (typeof endpoints === "string") return { ...REACHED, status: "skipped", detail: endpoints };
  return { ...REACHED, ...worst(await Promise.all(endpoints.map((one) => reach(one, options)))) };
}

/** What stands in the place of a check that nobody has asked for. */
export const keysNotChecked: DoctorCheck = {
  ...ACCEPTED,
  status: "skipped",
  detail: "not asked for (--check-key)",
};

/** Whether the servers take the keys that an agent has: one call for each, which costs nothing. */
export async function checkKeys(
  endpoints: Endpoint[] | string,
  keys: readonly Credential[],
  { login, ...options }: NetworkOptions & { login: string },
): Promise<DoctorCheck> {
  if (typeof endpoints === "string") return { ...ACCEPTED, status: "skipped", detail: endpoints };
  const tried = endpoints.map(async (endpoint): Promise<Told> => {
    const key = keys.find(({ provider }) => provider === endpoint.provider);
    if (endpoint.provider === undefined) {
      return skipped(`which key ${show(endpoint.url)} takes stands in the configuration`);
    }
    if (!key) return skipped(`there is no key of ${endpoint.provider}`);
    if (key.expired) return skipped(`the agent has to renew its login with ${key.provider} first`);
    return await tryKey(endpoint, key, { login, ...options });
  });
  return { ...ACCEPTED, ...worst(await Promise.all(tried)) };
}

async function reach({ url, variable }: Endpoint, options: NetworkOptions): Promise<Told> {
  try {
    await ask({ url, method: "GET" }, options);
    return { status: "ok", detail: `${show(url)} answers` };
  } catch (error) {
    return unreachable(error, variable);
  }
}

async function tryKey(
  endpoint: Endpoint,
  key: Credential,
  { login, ...options }: NetworkOptions & { login: string },
): Promise<Told> {
  const call = endpoint.keyCall?.(key);
  if (!call) {
    return skipped(`there is no call that tries this login of ${key.provider} at no cost`);
  }
  const where = show(call.url);
  try {
    const status = await ask(call, options);
    if (status < 300) return { status: "ok", detail: `${where} takes the key ${placeOf(key)}` };
    if (status === 401 || status === 403) {
      const detail = `${where} refuses the key ${placeOf(key)} (${status})`;
      return { status: "failed", detail, cure: `replace the key: ${login}` };
    }
    return {
      status: "warning",
      detail: `${where} answers ${status}, which tells nothing of the key`,
    };
  } catch (error) {
    return unreachable(error, endpoint.variable);
  }
}

/** A secret is sent to the server that was named, and to no other that it names. */
async function ask(
  { url, ...call }: HttpCall & { url: string },
  { env, limitMs }: NetworkOptions,
): Promise<number> {
  if (!URL.canParse(url)) throw new Error("the address of the server is none");
  await using client = await HttpClient.open({ env, stallTimeoutMs: limitMs, maxRedirects: 0 });
  return await client.status(new URL(url), call, AbortSignal.timeout(limitMs));
}

function unreachable(error: unknown, variable: string | undefined): Told {
  const named = variable === undefined ? "" : `, or ${variable} if it should be another`;
  const cure = `look at the network, HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS${named}`;
  return { status: "failed", detail: messageOf(error), cure };
}

function skipped(detail: string): Told {
  return { status: "skipped", detail };
}

/** Several things told as one: as bad as the worst of them. */
function worst(all: Told[]): Told {
  const order = ["failed", "warning", "ok", "skipped"] as const;
  const status = order.find((one) => all.some((told) => told.status === one)) ?? "skipped";
  const cure = all.find((told) => told.status === status)?.cure;
  return {
    status,
    detail: all.map(({ detail }) => detail).join("; "),
    ...(cure !== undefined && { cure }),
  };
}

function show(url: string): string {
  return URL.canParse(url) ? showUrl(new URL(url)) : "the server";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
