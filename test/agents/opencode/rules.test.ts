import { expect, it } from "vitest";
import { serverEnvironment } from "../../../src/agents/opencode/environment.ts";
import { rulesOf, verdictOf } from "../../../src/agents/opencode/rules.ts";

/** What the last rule says that fits. */
function actionOf(mode: string, permission: string): string | undefined {
  return rulesOf(mode).findLast((rule) => ["*", permission].includes(rule.permission))?.action;
}

it.each([
  ["default", "edit", "ask", undefined],
  ["default", "bash", "ask", undefined],
  ["default", "external_directory", "ask", undefined],
  ["default", "read", undefined, undefined],
  ["acceptEdits", "edit", "ask", undefined],
  ["acceptEdits", "bash", "ask", undefined],
  ["plan", "edit", "deny", "reject"],
  ["plan", "bash", "ask", undefined],
  ["bypass", "edit", "allow", "once"],
  ["bypass", "bash", "allow", "once"],
])("in the mode %s %s is %s, and a subagent's request for it is answered %s", (...row) => {
  const [mode, permission, action, verdict] = row;
  expect(actionOf(mode, permission)).toBe(action);
  expect(verdictOf(mode, permission)).toBe(verdict);
});

it("makes subagents ask, who do not know the rules of their session", () => {
  const env = serverEnvironment({ OPENCODE_DISABLE_SHARE: "0" }, "use");
  expect(JSON.parse(env["OPENCODE_PERMISSION"] ?? "")).toEqual({
    edit: "ask",
    bash: "ask",
    webfetch: "ask",
    external_directory: "ask",
  });
  expect(env).toMatchObject({ OPENCODE_DISABLE_AUTOUPDATE: "1", OPENCODE_DISABLE_SHARE: "0" });
});

it("disables the project's configuration when it is ignored, whatever the user has set", () => {
  const set = { OPENCODE_DISABLE_PROJECT_CONFIG: "0" };
  expect(serverEnvironment(set, "ignore")).toMatchObject({ OPENCODE_DISABLE_PROJECT_CONFIG: "1" });
  expect(serverEnvironment(set, "use")).toMatchObject(set);
});
