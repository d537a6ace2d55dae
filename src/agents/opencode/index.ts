import type { Agent, OpenOptions } from "../agent.ts";
import { invalidRequest } from "../../schema/problem.ts";
import { EVERYTHING } from "../capabilities.ts";
import { opened, requireExecutable } from "../opening.ts";
import { serverEnvironment } from "./environment.ts";
import { opencodeRecipe } from "./install.ts";
import { opencodeModels } from "./models.ts";
import { OpencodeServer } from "./server.ts";
import { OpencodeSession } from "./session.ts";

/** OpenCode: one `opencode serve` for all sessions (driven as observed of 1.18.33). */
export function createOpencodeAgent(): Agent {
  const servers = new Map<string, OpencodeServer>();
  let latest: OpencodeServer | undefined;
  const serverOf = (executable: string, { shared, startChild, idleMs }: OpenOptions) => {
    const env = serverEnvironment(shared.env);
    const { directory } = shared;
    const server =
      servers.get(executable) ??
      new OpencodeServer({ executable, env, directory, startChild, idleMs });
    servers.set(executable, server);
    return server;
  };
  return {
    id: "opencode",
    capabilities: EVERYTHING,
    modes: [
      { id: "build", name: "Build", description: "Works on the task." },
      { id: "plan", name: "Plan", description: "Reads and plans; edits nothing." },
    ],
    permissionModes: {
      default: "default",
      plan: "plan",
      acceptEdits: "acceptEdits",
      bypass: "bypass",
    },
    providers: ["anthropic", "openai"],
    recipe: opencodeRecipe,
    defaultModel: null,
    serverStatus: () => latest?.status ?? { status: "stopped", restartCount: 0 },
    models: (options) => opencodeModels({ ...options, env: serverEnvironment(options.env) }),
    async open(options) {
      const { sessionEnv } = options;
      const executable = requireExecutable("opencode", options.executable);
      if (Object.keys(sessionEnv).length > 0) {
        throw invalidRequest(
          "env is not supported for opencode, whose server is shared: set the variables for the daemon",
        );
      }
      latest = serverOf(executable, options);
      return await opened("opencode", new OpencodeSession(options, latest));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(Array.from(servers.values(), (server) => server[Symbol.asyncDispose]()));
    },
  };
}
