import { readFileSync } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { startDaemon } from "../support/daemon.ts";
import { runExample, typeErrors } from "../support/example.ts";
import { reply, tool } from "../support/model-script.ts";
import { startModelServer } from "../support/model-server.ts";
import { realClaude } from "../support/real-claude.ts";
import { claudeEnv, temporaryHome } from "../support/sandbox.ts";
import { availableCurls, runShell } from "../support/shell.ts";
import { compileCache, shellCommand } from "../support/program.ts";

const repository = join(import.meta.dirname, "../..");
const document = readFileSync(join(repository, "README.md"), "utf8");

/** The text of the first block of a language under a heading. */
function block(heading: string, language: string): string {
  const section = document.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  const [, text] = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(section) ?? [];
  if (text === undefined) throw new Error(`README has no ${language} block under ${heading}`);
  return text;
}

/** What differs from run to run. */
function settled(output: string): string {
  return output
    .replaceAll(/"time":"[^"]+"/g, '"time":"…"')
    .replaceAll(/"duration_ms":\d+/g, '"duration_ms":0')
    .replaceAll(/\d+\.\d s$/gm, "0.0 s")
    .trim();
}

it("the turn in the terminal prints what the README shows", async () => {
  await using home = await temporaryHome();
  const main = join(repository, "src/main.ts");
  const command = block("One turn in the terminal", "sh").replace(
    "npx node src/main.ts",
    shellCommand({ file: process.execPath, args: [...compileCache, main] }),
  );
  const printed = await runShell(command, { home, curl: "stand-in" });
  expect(settled(printed)).toBe(settled(block("One turn in the terminal", "text")));
});

it.each(await availableCurls())(
  "the conversation prints what the README shows (%s)",
  async (curl) => {
    await using home = await temporaryHome();
    await using daemon = await startDaemon({ home });
    const commands = block("A conversation", "sh").replaceAll("http://127.0.0.1:2468", daemon.url);
    const printed = await runShell(commands, { home, curl });
    expect(settled(printed)).toBe(settled(block("A conversation", "text")));
  },
);

it.each(await availableCurls())(
  "the turn of Claude Code with a permission runs as written (%s)",
  async (curl) => {
    await using home = await temporaryHome();
    const command = "echo hello > hello.txt";
    await using model = await startModelServer({
      scripts: {
        "": [reply([tool("Bash", { command, description: "Create it" })]), reply("Done.")],
      },
    });
    const { installDir } = await realClaude();
    const args = ["--no-token", "--install-dir", installDir];
    await using daemon = await startDaemon({ home, args, env: claudeEnv(model) });
    const commands = block("A turn of Claude Code, with a permission", "sh").replaceAll(
      "http://127.0.0.1:2468",
      daemon.url,
    );
    const printed = await runShell(commands, { home, curl });
    expect(printed.trim().split("\n").at(-1)).toBe("hello");
    expect(await readFile(join(home.work, "hello.txt"), "utf8")).toBe("hello\n");
  },
);

it("the program prints what the README shows", async () => {
  const program = block("From TypeScript", "ts");
  expect(await typeErrors([program])).toBe("");
  expect(await runExample(program)).toBe(block("From TypeScript", "text").trim());
});

it("names only npm scripts that exist", () => {
  const named = [...document.matchAll(/npm (?:run (\w+)|(start|test))/g)].map(
    ([, run, short]) => run ?? short ?? "",
  );
  expect(named).toContain("model");
  expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(named));
});

it("links only to files that exist", async () => {
  const links = [...document.matchAll(/\]\(([^)]+)\)/g)].map(([, target = ""]) => target);
  expect(links.length).toBeGreaterThan(5);
  for (const link of links) await access(join(repository, link));
});
