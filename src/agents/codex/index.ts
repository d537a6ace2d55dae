import type { Agent, OpenOptions } from "../agent.ts";
import type { ServerStatusInfo } from "../../schema/agent.ts";
import { EVERYTHING } from "../capabilities.ts";
import { opened, requireExecutable } from "../opening.ts";
import { canConfine, NOT_CONFINED } from "./confine.ts";
import { codexKeys } from "./credentials.ts";
import { codexHealth } from "./health.ts";
import { codexRecipe } from "./install.ts";
import type { CodexServer } from "./server.ts";

/** What the sessions of one executable share. */
interface Shared {
  server: CodexServer;
  confined: boolean;
}

/** Codex: one `codex app-server` for all sessions, a thread each (driven as observed of 0.171.0). */
export function createCodexAgent(): Agent {
  const shared = new Map<string, Promise<Shared>>();
  let latest: Shared | undefined;
  const shareOf = (
    executable: string,
    options: Pick<OpenOptions, "shared" | "startChild" | "idleMs">,
  ) => {
    // Shared by those who would start the same: a key that is there later makes another.
    const key = JSON.stringify([executable, options.shared.env]);
    const known = shared.get(key) ?? share(executable, options);
    shared.set(key, known);
    // What failed is tried again by the next session.
    known.catch(() => shared.delete(key));
    return known;
  };
  return {
    id: "codex",
    capabilities: EVERYTHING,
    modes: [
      { id: "build", name: "Build", description: "Works on the task." },
      { id: "plan", name: "Plan", description: "Plans first and asks before it begins to work." },
    ],
    permissionModes: {
      default: "default",
      plan: "plan",
      acceptEdits: "acceptEdits",
      bypass: "bypass",
    },
    providers: ["openai"],
    keyStore: codexKeys,
    health: codexHealth,
    recipe: codexRecipe,
    defaultModel: null,
    serverStatus: () => (latest ? statusOf(latest) : { status: "stopped", restartCount: 0 }),
    models: async (options) => await (await import("./models.ts")).codexModels(options),
    async ignoredSettings(directory, home) {
      const [{ describeIgnored }, { codexEntries }] = await Promise.all([
        import("../repository.ts"),
        import("./repository.ts"),
      ]);
      return await describeIgnored(directory, home, codexEntries);
    },
    async open(options) {
      const executable = requireExecutable("codex", options.executable);
      latest = await shareOf(executable, options);
      const { CodexSession } = await import("./session.ts");
      return await opened("codex", new CodexSession({ ...options, ...latest }), options.env);
    },
    async [Symbol.asyncDispose]() {
      const all = await Promise.allSettled(shared.values());
      const servers = all.flatMap((one) => (one.status === "fulfilled" ? [one.value.server] : []));
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    },
  };
}

function statusOf({ server, confined }: Shared): ServerStatusInfo {
  const { status } = server;
  return confined || status.lastError !== undefined
    ? status
    : { ...status, lastError: NOT_CONFINED };
}

async function share(
  executable: string,
  {
    shared: { env },
    startChild,
    childGroup,
    idleMs,
  }: Pick<OpenOptions, "shared" | "startChild" | "childGroup" | "idleMs">,
): Promise<Shared> {
  const [{ CodexServer }, args, confined] = await Promise.all([
    import("./server.ts"),
    import("./launch.ts").then(({ serverArguments }) => serverArguments(env)),
    canConfine(executable, { env, startChild, childGroup }),
  ]);
  return {
    server: new CodexServer({ executable, args, env, startChild, idleMs }),
    confined,
  };
}
