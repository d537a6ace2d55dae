import type { Agent, OpenOptions } from "../agent.ts";
import { invalidRequest, ProblemError } from "../../schema/problem.ts";
import { serverEnvironment } from "./environment.ts";
import { opencodeRecipe } from "./install.ts";
import { opencodeModels } from "./models.ts";
import { OpencodeServer } from "./server.ts";
import { OpencodeSession } from "./session.ts";

/** OpenCode: one `opencode serve` for all sessions (driven as observed of 1.18.33). */
export function createOpencodeAgent(): Agent {
  const servers = new Map<string, OpencodeServer>();
  let latest: OpencodeServer | undefined;
  const serverOf = (executable: string, { shared, startChild }: OpenOptions) => {
    const env = serverEnvironment(shared.env);
    const { directory } = shared;
    const server =
      servers.get(executable) ?? new OpencodeServer({ executable, env, directory, startChild });
    servers.set(executable, server);
    return server;
  };
  return {
    id: "opencode",
    capabilities,
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
      const { executable, sessionEnv } = options;
      if (executable === undefined) {
        throw new ProblemError("agent_not_installed", "agent not installed: opencode", {
          agent: "opencode",
        });
      }
      if (Object.keys(sessionEnv).length > 0) {
        throw invalidRequest(
          "env is not supported for opencode, whose server is shared: set the variables for the daemon",
        );
      }
      latest = serverOf(executable, options);
      const session = new OpencodeSession(options, latest);
      try {
        await session.open();
      } catch (cause) {
        if (cause instanceof ProblemError) throw cause;
        const message = cause instanceof Error ? cause.message : String(cause);
        throw new ProblemError("stream_error", `stream error: ${message}`, { agent: "opencode" });
      }
      return session;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(Array.from(servers.values(), (server) => server[Symbol.asyncDispose]()));
    },
  };
}

const capabilities: Agent["capabilities"] = {
  planMode: true,
  permissions: true,
  questions: true,
  toolCalls: true,
  toolResults: true,
  textMessages: true,
  images: true,
  fileAttachments: true,
  sessionLifecycle: true,
  errorEvents: true,
  reasoning: true,
  status: true,
  commandExecution: true,
  fileChanges: true,
  mcpTools: true,
  streamingDeltas: true,
  itemStarted: true,
  sharedProcess: true,
};
