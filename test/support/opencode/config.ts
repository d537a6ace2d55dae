import { join } from "node:path";

/** The key with which OpenCode talks to a scripted model. */
export const OPENCODE_KEY = "sk-ant-opencode-dummy";

/**
 * A list of models without any. For each directory OpenCode copies its whole list, which takes a
 * second of CPU time and 80 MB (1.18.33); the configuration declares the scripted models.
 */
const MODELS = join(import.meta.dirname, "../../fixtures/opencode/models.json");

const model = {
  attachment: true,
  reasoning: true,
  tool_call: true,
  modalities: { input: ["text", "image"], output: ["text"] },
  limit: { context: 200_000, output: 32_000 },
  cost: { input: 3, output: 15, cache_read: 0.3, cache_write: 3.75 },
};

/** The configuration with which OpenCode talks to a scripted Messages API and to nobody else. */
function opencodeConfig(modelUrl: string | undefined, key: string | null): Record<string, unknown> {
  const common = { autoupdate: false, share: "disabled", lsp: false, formatter: false };
  if (modelUrl === undefined) return { ...common, enabled_providers: [] };
  return {
    ...common,
    enabled_providers: ["anthropic"],
    model: "anthropic/claude-scripted-1",
    small_model: "anthropic/claude-scripted-2",
    provider: {
      anthropic: {
        options: { baseURL: `${modelUrl}/v1`, ...(key !== null && { apiKey: key }) },
        whitelist: ["claude-scripted-1", "claude-scripted-2"],
        models: {
          "claude-scripted-1": { name: "Scripted 1", ...model },
          "claude-scripted-2": { name: "Scripted 2", ...model },
        },
      },
    },
  };
}

/**
 * The variables that give OpenCode its configuration and keep it from the network. A key of `null`
 * leaves the key out.
 */
export function opencodeEnv(
  modelUrl: string | undefined,
  config: Record<string, unknown> = {},
  key: string | null = OPENCODE_KEY,
): Record<string, string> {
  return {
    OPENCODE_CONFIG_CONTENT: JSON.stringify({ ...opencodeConfig(modelUrl, key), ...config }),
    OPENCODE_DISABLE_AUTOUPDATE: "1",
    OPENCODE_DISABLE_MODELS_FETCH: "1",
    OPENCODE_MODELS_PATH: MODELS,
    OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
    OPENCODE_DISABLE_DEFAULT_PLUGINS: "1",
    OPENCODE_DISABLE_SHARE: "1",
    // OpenCode installs its plugin package into every configuration folder, and nothing stops it.
    npm_config_registry: "http://127.0.0.1:1/",
  };
}
