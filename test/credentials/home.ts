import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { allAgents } from "../../src/agents/all.ts";
import { Credentials, type CredentialsOptions } from "../../src/credentials/credentials.ts";
import { temporaryHome } from "../support/sandbox.ts";

/** When it is in these tests. */
export const NOW = Date.parse("2026-06-01T00:00:00Z");
export const EARLIER = NOW - 1;
export const LATER = NOW + 3_600_000;

/** Files below a home: an object is written as JSON, a text as it is. */
export type Files = Readonly<Record<string, object | string>>;

/** A home with files in it. */
export interface Home extends AsyncDisposable {
  readonly dir: string;
  write(files: Files): Promise<void>;
  /** The keys of who lives here; nothing of this machine counts. */
  credentials(env?: CredentialsOptions["env"], os?: NodeJS.Platform): Credentials;
}

/** Makes a home that is removed at disposal. */
export async function homeWith(files: Files): Promise<Home> {
  const home = await temporaryHome();
  const { dir } = home;
  const write = async (files: Files) => {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      const text = typeof content === "string" ? content : JSON.stringify(content);
      await writeFile(join(dir, path), text);
    }
  };
  await write(files);
  return {
    dir,
    write,
    credentials: (env = {}, os = "linux") =>
      new Credentials({ agents: allAgents(), env, home: dir, os, now: () => NOW }),
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

/** A JSON Web Token with these claims, signed by nobody. */
export function token(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part(claims)}.c2ln`;
}
