import type { Agent, ModelsOptions, OpenOptions } from "../agent.ts";
import { invalidRequest } from "../../schema/problem.ts";
import { EVERYTHING } from "../capabilities.ts";
import { opened, requireExecutable } from "../opening.ts";
import { opencodeKeys } from "./credentials.ts";
import { serverEnvironment } from "./environment.ts";
import { opencodeHealth } from "./health.ts";
import { opencodeRecipe } from "./install.ts";
import type { OpencodeHttp } from "./http.ts";
import { opencodeModes } from "./modes.ts";
import type { OpencodeServer } from "./server.ts";

/** A server is shared by those who would start the same: a key that is there later makes another. */
function keyOf(executable: string, env: Record<string, string>): string {
  return JSON.stringify([executable, env]);
}

/** OpenCode: one `opencode serve` for all sessions (driven as observed of 1.18.33). */
export function createOpencodeAgent(): Agent {
  const servers = new Map<string, OpencodeServer>();
  let latest: OpencodeServer | undefined;
  const serverOf = async (executable: string, options: OpenOptions) => {
    const { shared, startChild, idleMs, repositorySettings } = options;
    // Loaded first: between the look into the map and the entry into it nobody else may come.
    const { OpencodeServer } = await import("./server.ts");
    const env = serverEnvironment(shared.env, repositorySettings);
    const key = keyOf(executable, env);
    const server = servers.get(key) ?? new OpencodeServer({ executable, env, startChild, idleMs });
    servers.set(key, server);
    return server;
  };
  /** Asks the server that is there, or one that is ended again. */
  const asked = async <T>(
    options: ModelsOptions,
    ask: (http: OpencodeHttp, directory: string) => Promise<T>,
  ): Promise<T> => {
    const { directory, startChild } = options;
    const executable = requireExecutable("opencode", options.executable);
    const env = serverEnvironment(options.env, "ignore");
    const shared = servers.get(keyOf(executable, env));
    if (shared) {
      using _use = shared.use();
      return await ask((await shared.connect()).http, directory);
    }
    const { OpencodeServer } = await import("./server.ts");
    await using own = new OpencodeServer({ executable, env, startChild, idleMs: 0 });
    return await ask((await own.connect()).http, directory);
  };
  return {
    id: "opencode",
    capabilities: EVERYTHING,
    modes: opencodeModes,
    askModes: async (options) => await asked(options, (await import("./ask-modes.ts")).askModes),
    permissionModes: {
      default: "default",
      plan: "plan",
      acceptEdits: "acceptEdits",
      bypass: "bypass",
    },
    providers: ["anthropic", "openai"],
    keyStore: opencodeKeys,
    health: opencodeHealth,
    recipe: opencodeRecipe,
    defaultModel: null,
    serverStatus: () => latest?.status ?? { status: "stopped", restartCount: 0 },
    models: async (options) =>
      options.executable === undefined
        ? { models: [] }
        : await asked(options, (await import("./models.ts")).askModels),
    async ignoredSettings(directory, home) {
      const [{ describeIgnored }, { opencodeEntries }] = await Promise.all([
        import("../repository.ts"),
        import("./repository.ts"),
      ]);
      return await describeIgnored(directory, home, opencodeEntries);
    },
    async open(options) {
      const { sessionEnv } = options;
      const executable = requireExecutable("opencode", options.executable);
      if (Object.keys(sessionEnv).length > 0) {
        throw invalidRequest(
          "env is not supported for opencode, whose server is shared: set the variables for the daemon",
        );
      }
      const { OpencodeSession } = await import("./session.ts");
      latest = await serverOf(executable, options);
      return await opened("opencode", new OpencodeSession(options, latest), options.env);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(Array.from(servers.values(), (server) => server[Symbol.asyncDispose]()));
    },
  };
}
