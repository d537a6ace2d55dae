import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { permissionsOf, serverArguments } from "../../../src/agents/codex/launch.ts";
import { temporaryHome } from "../../support/sandbox.ts";

const KEY = { OPENAI_API_KEY: "sk-dummy" };

/** The settings that name a provider, in a home with these files. */
async function provider(env: Record<string, string>, files: Record<string, string> = {}) {
  await using home = await temporaryHome();
  await mkdir(join(home.dir, ".codex"));
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(home.dir, ".codex", name), text);
  }
  const args = await serverArguments({ ...home.env, ...env });
  return args.filter((word) => word.startsWith("model_provider"));
}

describe("a key in the environment", () => {
  it("gets Codex a provider that takes it; the key itself stands nowhere", async () => {
    const words = await provider(KEY);
    expect(words).toContain('model_provider="sandbox_agent"');
    expect(words).toContain('model_providers.sandbox_agent.env_key="OPENAI_API_KEY"');
    expect(words).toContain('model_providers.sandbox_agent.name="OpenAI"');
    expect(words.join(" ")).not.toContain("base_url");
    expect(words.join(" ")).not.toContain("sk-dummy");
  });

  it("is used with the address that the environment names", async () => {
    const words = await provider({ ...KEY, OPENAI_BASE_URL: "http://127.0.0.1:1/v1" });
    expect(words).toContain('model_providers.sandbox_agent.base_url="http://127.0.0.1:1/v1"');
    expect(words).toContain('model_providers.sandbox_agent.name="OpenAI-compatible"');
  });

  it.each([
    ["there is none", {}, {}],
    ["the user has logged in", KEY, { "auth.json": "{}" }],
    ["the user has configured a provider", KEY, { "config.toml": 'model_provider = "mine"\n' }],
  ])("changes nothing where %s", async (_, env, files) => {
    expect(await provider(env, files)).toEqual([]);
  });

  it("counts also where the user has configured something else", async () => {
    const files = { "config.toml": 'model = "x"\n[model_providers.mine]\nname = "Mine"\n' };
    expect(await provider(KEY, files)).not.toEqual([]);
  });
});

it.each([
  ["default", true, "untrusted", "workspace-write"],
  ["plan", true, "untrusted", "read-only"],
  ["acceptEdits", true, "untrusted", "workspace-write"],
  ["bypass", true, "never", "danger-full-access"],
  // What cannot be confined is asked for; only bypass asks for nothing.
  ["default", false, "untrusted", "danger-full-access"],
  ["plan", false, "untrusted", "danger-full-access"],
  ["acceptEdits", false, "untrusted", "danger-full-access"],
  ["bypass", false, "never", "danger-full-access"],
])("the mode %s, confined %s, is %s in %s", (mode, confined, approvalPolicy, sandbox) => {
  expect(permissionsOf(mode, confined)).toEqual({ approvalPolicy, sandbox });
});
