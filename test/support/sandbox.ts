import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A fresh home and work directory, and an environment that knows nothing of this machine. */
export interface TemporaryHome extends AsyncDisposable {
  /** `HOME`. */
  readonly dir: string;
  /** An empty directory for an agent to work in. */
  readonly work: string;
  /** The whole environment of a process that lives here. */
  readonly env: Readonly<Record<string, string>>;
}

/** Makes a home that is removed with everything in it at disposal. */
export async function temporaryHome(): Promise<TemporaryHome> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "sa-")));
  const dir = join(root, "home");
  const work = join(root, "work");
  const env = {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    HOME: dir,
    LANG: "C.UTF-8",
    TMPDIR: join(root, "tmp"),
    XDG_CONFIG_HOME: join(dir, ".config"),
    XDG_DATA_HOME: join(dir, ".local/share"),
    XDG_STATE_HOME: join(dir, ".local/state"),
    XDG_CACHE_HOME: join(dir, ".cache"),
    XDG_RUNTIME_DIR: join(root, "run"),
  };
  const { TMPDIR, XDG_RUNTIME_DIR } = env;
  for (const path of [dir, work, TMPDIR]) await mkdir(path);
  await mkdir(XDG_RUNTIME_DIR, { mode: 0o700 });
  return {
    dir,
    work,
    env,
    // A process on its way out may still write while its files are being removed.
    [Symbol.asyncDispose]: () =>
      rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }),
  };
}

/** The variables with which Claude Code talks to a scripted model and to nobody else. */
export function claudeEnv(server: { url: string }): Record<string, string> {
  return {
    ANTHROPIC_API_KEY: "sk-ant-dummy",
    ANTHROPIC_BASE_URL: server.url,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_AUTOUPDATER: "1",
    CLAUDE_CODE_MAX_RETRIES: "2",
  };
}
