import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { expect, it } from "vitest";
import { typeErrors } from "../support/example.ts";
import { listeningApp } from "../support/listening-app.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { daemonLog } from "../support/stored-log.ts";

const repository = join(import.meta.dirname, "../..");
const document = readFileSync(join(repository, "docs/manage-sessions.md"), "utf8");
const sources = {
  "sandbox-agent": "src/index.ts",
  "sandbox-agent/persist": "src/persist/index.ts",
};

function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(
    ([, block = ""]) => block,
  );
}

/** The blocks of a language under a heading. */
function under(heading: string, language: string): string[] {
  const section = document.split(/^##+ /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  const found = blocks(section, language);
  if (found.length === 0) throw new Error(`there is no ${language} under ${heading}`);
  return found;
}

it("every example is a program that its types allow", async () => {
  const examples = blocks(document, "ts");
  expect(examples).toHaveLength(6);
  expect(await typeErrors(examples)).toBe("");
});

it("the examples of SQLite run as written, and so do the queries", async () => {
  await using home = await temporaryHome();
  await using app = await listeningApp();
  await app.createSession("demo");
  await app.post("/v1/sessions/demo/messages", { message: "hello" });
  await expect.poll(async () => (await app.get("/v1/sessions/demo")).json().status).toBe("idle");
  await app.post("/v1/sessions/demo/terminate");
  const log = await daemonLog(app.url, "demo");
  const run = async (example: string) => {
    let program = example.replace("http://127.0.0.1:2468", app.url);
    for (const [name, file] of Object.entries(sources)) {
      const url = pathToFileURL(join(repository, file)).href;
      program = program.replace(`from "${name}"`, `from "${url}"`);
    }
    const file = join(home.work, "example.ts");
    await writeFile(file, program);
    const options = { cwd: home.work, env: home.env, extendEnv: false };
    return (await execa(process.execPath, [file], options)).stdout;
  };

  const [following = ""] = under("SQLite", "ts");
  await run(following);
  const [showing = "", goingOn = ""] = under("Showing what is stored", "ts");
  expect((await run(showing)).split("\n")).toEqual(
    log.flatMap((event) =>
      event.type === "item.completed" ? [`${event.sequence} ${event.data.item.kind}`] : [],
    ),
  );
  expect((await run(goingOn)).split("\n")).toEqual(
    log.map(({ sequence, type }) => `${sequence} ${type}`),
  );

  const database = new DatabaseSync(join(home.work, "events.db"));
  const [said = "", ended = "", open = ""] = under("The tables", "sql");
  expect(database.prepare(said).all()).toMatchObject([{ role: "user" }, { role: "assistant" }]);
  expect(database.prepare(ended).all()).toMatchObject([{ turn: "turn_1", status: "completed" }]);
  expect(database.prepare(open).all()).toEqual([]);
  const [deleting = ""] = under("Deleting", "sql");
  database.exec(deleting.replace("1700000000000", String(Date.now() + 1)));
  expect(database.prepare("SELECT count(*) AS left FROM agent_events").get()).toEqual({ left: 0 });
  database.close();
});

it("says of what is not run that it is not", () => {
  const section = document.split("## A store of your own")[1] ?? "";
  expect(section).toContain("**not run in the tests of this project**");
  expect(blocks(section, "ts")).toHaveLength(2);
});
