import { constants } from "node:fs";
import { access, chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { TemporaryHome } from "./sandbox.ts";

const standIn = fileURLToPath(new URL("../fixtures/bin/curl.ts", import.meta.url));

/** Which curl a command line finds: the machine's own, or ours, which is always there. */
export type Curl = "curl" | "stand-in";

/** Every curl that command lines can be tested with on this machine. */
export async function availableCurls(): Promise<Curl[]> {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const found = await access(join(folder, "curl"), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return ["curl", "stand-in"];
  }
  return ["stand-in"];
}

/** What a shell is given besides the command line. */
export interface ShellOptions {
  home: TemporaryHome;
  curl: Curl;
  env?: Readonly<Record<string, string>>;
  /** Ends the shell, as Ctrl-C would, as soon as its output so far is accepted. */
  until?: (stdout: string) => boolean;
  timeoutMs?: number;
}

/** Runs a command line as a reader of our documents would, and gives what it prints on stdout. */
export async function runShell(commandLine: string, options: ShellOptions): Promise<string> {
  const { home, curl, env = {}, until, timeoutMs = 60_000 } = options;
  const folder = join(home.dir, curl);
  await mkdir(folder, { recursive: true });
  if (curl === "stand-in") {
    const wrapper = join(folder, "curl");
    await writeFile(wrapper, `#!/bin/sh\nexec "${process.execPath}" "${standIn}" "$@"\n`);
    await chmod(wrapper, 0o755);
  }
  const machinePath = process.env["PATH"] ?? "/usr/bin:/bin";
  let isEnded = false;
  const shell = execa("sh", ["-euc", commandLine], {
    cwd: home.work,
    env: { ...home.env, PATH: `${folder}${delimiter}${machinePath}`, ...env },
    extendEnv: false,
    stdin: "ignore",
    timeout: timeoutMs,
    // A group of its own, so that what the shell has started is ended with it.
    detached: true,
    reject: false,
    stripFinalNewline: false,
  });
  let stdout = "";
  shell.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    if (isEnded || !until?.(stdout)) return;
    isEnded = true;
    if (shell.pid !== undefined) process.kill(-shell.pid, "SIGINT");
  });
  const { exitCode, stderr, timedOut } = await shell;
  if (timedOut || (exitCode !== 0 && !isEnded)) {
    throw new Error(`sh ended with ${exitCode}: ${commandLine}\n${stdout}\n${stderr}`);
  }
  return stdout;
}
