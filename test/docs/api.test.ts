import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { listeningApp } from "../support/listening-app.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { availableCurls, runShell } from "../support/shell.ts";
import { validatedApp } from "../support/validated-app.ts";

const document = readFileSync(new URL("../../docs/api.md", import.meta.url), "utf8");
const documentedUrl = "http://127.0.0.1:2468";

/** The route of each section, with the commands that stand in it. */
const sections = document
  .split(/^### /m)
  .slice(1)
  .map((section) => ({
    route: section.slice(0, section.indexOf("\n")),
    commands: commandsIn(section),
  }));

function commandsIn(markdown: string): string[] {
  return [...markdown.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = ""]) =>
    block.split(/\n(?=curl)/).map((command) => command.trim()),
  );
}

test("every route of the description has its section with an example, and there are no others", async () => {
  await using app = await validatedApp();
  const { paths } = (await app.get("/openapi.json")).json();
  const routes = Object.entries<object>(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(sections.map(({ route }) => route).toSorted()).toEqual(routes.toSorted());
  for (const { route, commands } of sections) {
    const [method, path = ""] = route.split(" ");
    const pattern = new RegExp(`${path.replaceAll(/\{\w+\}/g, "[^/?' ]+")}(?=[?' \\n]|$)`);
    const example = commands.find((command) => pattern.test(command)) ?? "(none)";
    const sent = /-X (\w+)/.exec(example)?.[1] ?? (example.includes(" -d ") ? "POST" : "GET");
    expect([route, sent, example]).toEqual([route, method, expect.stringContaining("curl")]);
  }
});

describe.each(await availableCurls())("with %s", (curl) => {
  test("the examples work, one after the other", async () => {
    await using home = await temporaryHome();
    await using app = await listeningApp();
    for (const command of commandsIn(document)) {
      expect(command).toContain(documentedUrl);
      const isEndless = command.includes("/events/sse");
      // What is ended is the shell: curl has to be in its place, not its child.
      const line = `${isEndless ? "exec " : ""}${command.replaceAll(documentedUrl, app.url)}`;
      const printed = await runShell(line, {
        home,
        curl,
        env: { TOKEN: "secret" },
        ...(isEndless && { until: (stdout) => stdout.includes("turn.started") }),
      });
      expect([command, printed]).toEqual([
        command,
        expect.not.stringContaining("urn:sandbox-agent"),
      ]);
    }
    expect((await app.get("/v1/sessions")).json()).toEqual({ sessions: [] });
  });
});
