import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { reply, text, tool } from "../support/model-script.ts";
import { startModelServer } from "../support/model-server.ts";
import { realClaude } from "../support/real-claude.ts";
import { claudeEnv, temporaryHome } from "../support/sandbox.ts";
import { openTerminal } from "../support/terminal.ts";

const document = readFileSync(join(import.meta.dirname, "../../docs/cli.md"), "utf8");
const section = document.split(/^## /m).find((part) => part.startsWith("`sandbox-agent run")) ?? "";

/** The text of the first block of a language in the section. */
function block(language: string): string {
  const [, text = ""] = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(section) ?? [];
  return text;
}

/** What differs from run to run. */
function settled(output: string): string {
  return output
    .replaceAll(/\S*\/hello\.txt/g, "/work/project/hello.txt")
    .replaceAll(/^completed · .*$/gm, "completed")
    .trim();
}

it("run shows on a terminal what docs/cli.md says", async () => {
  await using home = await temporaryHome();
  const file_path = join(home.work, "hello.txt");
  await using model = await startModelServer({
    scripts: {
      "": [
        reply([
          text("I will write the greeting."),
          tool("Write", { file_path, content: "Hello!\n" }),
        ]),
        reply("It is there."),
      ],
    },
  });
  const { installDir } = await realClaude();
  const [, words = ""] = /^sandbox-agent (.*)$/m.exec(block("sh")) ?? [];
  const [, options = "", prompt = ""] = /^(.*) "(.*)"$/.exec(words) ?? [];
  await using terminal = openTerminal({
    home,
    args: [...options.split(" "), prompt],
    env: { ...claudeEnv(model), SANDBOX_AGENT_INSTALL_DIR: installDir, SANDBOX_AGENT_OFFLINE: "1" },
  });
  await terminal.until("n(o): ");
  terminal.type("y\r");
  expect(await terminal.exited).toBe(0);
  expect(await readFile(file_path, "utf8")).toBe("Hello!\n");
  expect(settled(terminal.text())).toBe(settled(block("text")));
  expect(block("text")).toMatch(/completed · \d+\.\d s · \d+ tokens in, \d+ out · \$\d\.\d{4}\n$/);
});
