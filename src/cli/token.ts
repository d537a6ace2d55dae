import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { TokenPlace } from "./greeting.ts";

/** The options that name a token, as `optionsOf` returns them. */
export interface TokenOptions {
  /** False: none, even if a variable names one. */
  token?: string | false | undefined;
  /** Read when `token` is not given; `-` is standard input. */
  tokenFile?: string | undefined;
  /** True if the token was given on the command line, which every user of the machine can read. */
  tokenIsTyped?: boolean | undefined;
}

const NO_TOKEN =
  "a token is needed: give --token-file <file>, --token <token> or SANDBOX_AGENT_TOKEN, or give --no-token to serve without one";

/**
 * The token to serve with; undefined when the user chose to serve without one.
 *
 * @throws Error when no option or variable decides, and when the file is missing or empty.
 */
export async function requireToken(options: TokenOptions): Promise<string | undefined> {
  if (options.token === false) return undefined;
  const token = await findToken(options);
  if (token !== undefined) return token;
  throw new Error(NO_TOKEN);
}

/** The token that the options name, if they name one. */
export async function findToken({ token, tokenFile }: TokenOptions): Promise<string | undefined> {
  if (token === false) return undefined;
  if (token !== undefined && token !== "") return token;
  if (tokenFile === undefined || tokenFile === "") return undefined;
  const content = await readToken(tokenFile);
  if (content !== "") return content;
  throw new Error(`--token-file ${tokenFile}: the file is empty`);
}

/** The place of the token that the options name. */
export function tokenPlace({
  token,
  tokenFile,
  tokenIsTyped,
}: TokenOptions): TokenPlace | undefined {
  if (token === false) return undefined;
  if (token !== undefined && token !== "") return tokenIsTyped === true ? "typed" : "variable";
  if (tokenFile === undefined || tokenFile === "") return undefined;
  return tokenFile === "-" ? "typed" : { file: tokenFile };
}

async function readToken(file: string): Promise<string> {
  try {
    return (file === "-" ? await text(process.stdin) : await readFile(file, "utf8")).trim();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`--token-file ${file}: ${reason}`, { cause });
  }
}
