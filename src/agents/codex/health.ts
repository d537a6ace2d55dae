import { dirname, join } from "node:path";
import { baseUrl, type Endpoint, type Health, openaiEndpoint } from "../health.ts";
import { canConfine, NOT_CONFINED } from "./confine.ts";

/** Where Codex works for who has logged in with ChatGPT; there is no call that tries a token at no cost. */
const CHATGPT: Endpoint = { provider: "openai", url: "https://chatgpt.com/backend-api/codex" };

/** Checks of Codex. The files have the layout of 0.171.0. */
export const codexHealth: Health = {
  proven: { oldest: "0.169.0", newest: "0.171.0" },
  login: "set OPENAI_API_KEY, or run `codex login`",
  endpoints({ env, keys, settings }) {
    if (settings.some((text) => /^[ \t]*model_provider[ \t]*=/m.test(text))) {
      return "its config.toml names a provider of its own, which is not asked";
    }
    if (keys.some(({ type }) => type === "oauth")) return [CHATGPT];
    return [openaiEndpoint(baseUrl(env, "OPENAI_BASE_URL", "https://api.openai.com/v1"))];
  },
  helpers(executable, os) {
    const bin = dirname(executable);
    const end = os === "win32" ? ".exe" : "";
    const host = join(bin, `codex-code-mode-host${end}`);
    const search = join(bin, `../codex-path/rg${end}`);
    const sandbox = join(bin, "../codex-resources/bwrap");
    return [
      { path: host, without: "most models run no command", vital: true },
      { path: search, without: "it searches with what is on PATH", vital: false },
      ...(os === "linux"
        ? [
            {
              path: sandbox,
              without: "commands are confined only by a bwrap on PATH",
              vital: false,
            },
          ]
        : []),
    ];
  },
  async examine({ executable, ...options }) {
    const confined = await canConfine(executable, options);
    const check = { id: "sandbox", title: "Its sandbox for commands" };
    if (confined) return [{ ...check, status: "ok", detail: "it can confine commands" }];
    const cure =
      "let the container make user namespaces (Docker: --security-opt seccomp=unconfined), or rely on the sandbox around it";
    return [{ ...check, status: "warning", detail: NOT_CONFINED, cure }];
  },
};
