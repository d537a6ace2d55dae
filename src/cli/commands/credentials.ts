import { homedir } from "node:os";
import { resolve } from "node:path";
import { z } from "zod";
import { allAgents } from "../../agents/all.ts";
import { type Credential, Credentials, PLACES } from "../../credentials/credentials.ts";
import { redact } from "../../credentials/redact.ts";
import { shellQuote } from "../../io/shell-quote.ts";
import { readableJson } from "../output.ts";

/** What a command reads and writes; a process has all of it. */
interface Surroundings {
  env: Readonly<Record<string, string | undefined>>;
  stdout: { write(text: string): unknown; isTTY?: boolean };
  stderr: { write(text: string): unknown };
}

const Places = z.object({
  homeDir: z.string().optional(),
  oauth: z.boolean().default(true),
  reveal: z.boolean().default(false),
});

const ExtractOptions = Places.extend({
  agent: z.string().optional(),
  provider: z.string().optional(),
});

const EnvOptions = Places.extend({ export: z.boolean().default(false) });

/** `sandbox-agent credentials extract`: all keys as JSON, or the one that is asked for. */
export async function extract(given: unknown, around: Surroundings = process): Promise<void> {
  const { agent, provider, reveal, ...places } = ExtractOptions.parse(given);
  const found = await find(places, around.env);
  const shown = (key: string) => (reveal ? key : redact(key));
  if (agent !== undefined || provider !== undefined) {
    around.stdout.write(`${shown(choose(found, agent, provider).key)}\n`);
    if (!reveal) hint(around, "the key is shown in part; --reveal prints it");
    return;
  }
  const summary = ({ provider, source, type, key }: Credential) => ({
    provider,
    source,
    auth_type: type,
    api_key: shown(key),
    redacted: !reveal,
  });
  const { anthropic, openai, ...other } = Object.fromEntries(
    found.map((credential) => [credential.provider, summary(credential)]),
  );
  const all = { anthropic: anthropic ?? null, openai: openai ?? null, other };
  around.stdout.write(readableJson(all));
}

/**
 * `sandbox-agent credentials extract-env`: assignments for `eval`. On a terminal, where they would
 * only be seen, they are comments that do not hold the keys.
 */
export async function extractEnv(given: unknown, around: Surroundings = process): Promise<void> {
  const { reveal, export: exported, ...places } = EnvOptions.parse(given);
  const hidden = around.stdout.isTTY === true && !reveal;
  const lines = new Map<string, string>();
  for (const { provider, source, key, names } of await find(places, around.env)) {
    if (names.length === 0) hint(around, `no variable takes the login of ${provider} (${source})`);
    for (const name of names) {
      // Names that a file gives could be made equal to one that is there already.
      if (lines.has(name)) continue;
      const word = exported ? "export " : "";
      lines.set(
        name,
        hidden ? `# ${word}${name}=${redact(key)}` : `${word}${name}=${shellQuote(key)}`,
      );
    }
  }
  for (const line of lines.values()) around.stdout.write(`${line}\n`);
  if (hidden && lines.size > 0) {
    hint(around, 'the keys are shown in part; `eval "$(…)"` gets them whole, --reveal prints them');
  }
}

async function find(
  { homeDir, oauth }: Omit<z.infer<typeof Places>, "reveal">,
  given: Surroundings["env"],
) {
  const env = { ...given };
  // Who asks for another home does not mean the places of this user's files.
  if (homeDir !== undefined) for (const name of PLACES) delete env[name];
  const home = homeDir === undefined ? (env["HOME"] ?? homedir()) : resolve(homeDir);
  const credentials = new Credentials({ agents: allAgents(), env, home, os: process.platform });
  return await credentials.find({ oauth });
}

/** The key that an agent would use, of a provider where one is named; throws where there is none. */
function choose(
  found: readonly Credential[],
  agent: string | undefined,
  provider: string | undefined,
): Credential {
  const own = agent === undefined ? [] : (allAgents().get(agent)?.providers ?? []);
  // OpenCode works with any provider, and takes them in this order.
  const any = agent === "opencode" || agent === undefined;
  if (provider !== undefined && !any && !own.some((one) => one === provider)) {
    throw new Error(`${agent} takes no key of ${provider}, only of ${own.join(" or ")}`);
  }
  const wanted = provider === undefined ? own.toReversed() : [provider];
  for (const name of wanted) {
    const key = found.find((credential) => credential.provider === name);
    if (key) return key;
  }
  if (provider === undefined && any) return onlyOne(found);
  throw new Error(`no key of ${wanted.join(" or ")} was found`);
}

function onlyOne(found: readonly Credential[]): Credential {
  const [one, ...more] = found.filter(({ provider }) => provider !== "amp");
  if (!one) throw new Error("no key was found");
  if (more.length === 0) return one;
  const names = [one, ...more].map(({ provider }) => provider);
  throw new Error(`there are several keys: name one with --provider: ${names.join(", ")}`);
}

function hint({ stderr }: Surroundings, text: string): void {
  stderr.write(`sandbox-agent: ${text}\n`);
}
