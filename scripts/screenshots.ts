import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { SandboxAgent } from "../src/index.ts";
import { startDaemon } from "../test/support/daemon.ts";
import { startInspectorBrowser } from "../test/support/inspector.ts";
import { temporaryHome } from "../test/support/sandbox.ts";

// Makes the pictures of the documents, into docs/images: of a daemon with the mock agent, in a Chromium.
// Without arguments all of them, else those that are named. The addresses in them tell the usual port.
const folder = process.env["SCREENSHOTS"] ?? join(import.meta.dirname, "../docs/images");

interface Picture {
  name: string;
  path: string;
  scheme?: "light" | "dark";
  width?: number;
  height?: number;
  /** What is done before it is taken, and what has to be seen. */
  prepare(page: Page): Promise<void>;
}

const pictures: readonly Picture[] = [
  {
    name: "inspector-session",
    path: "sessions/flaky-test",
    height: 900,
    prepare: (page) => page.getByText("to answer").first().waitFor(),
  },
  {
    name: "inspector-session-dark",
    path: "sessions/flaky-test",
    scheme: "dark",
    height: 900,
    prepare: (page) => page.getByText("to answer").first().waitFor(),
  },
  {
    name: "inspector-new-session",
    path: "new",
    height: 920,
    async prepare(page) {
      await page.getByRole("radio", { name: "Amp" }).check();
      await page.getByText("no plan mode").first().waitFor();
    },
  },
  {
    name: "inspector-agents",
    path: "agents",
    height: 800,
    async prepare(page) {
      const amp = page.getByRole("listitem", { name: "Amp" });
      await amp.getByText("Feature coverage").click();
      const mock = page.getByRole("listitem", { name: "Mock" });
      await mock.getByRole("button", { name: "Can it work here?" }).click();
      await mock.getByText("ok", { exact: true }).first().waitFor();
    },
  },
  {
    name: "inspector-requests",
    path: "new",
    height: 480,
    async prepare(page) {
      await page.getByRole("radio", { name: "Mock" }).waitFor();
      await page.getByLabel("Title").fill("Seen in the requests");
      await page.getByRole("button", { name: "Create session" }).click();
      await page.waitForURL("**/sessions/*");
      await page.getByRole("link", { name: "Requests", exact: true }).click();
      await page.getByText("POST", { exact: true }).first().click();
    },
  },
];

await using home = await temporaryHome();
const args = ["--no-token", "--offline", "--port", "2468"];
await using daemon = await startDaemon({ home, args, env: { ANTHROPIC_API_KEY: "none" } });
await fill(daemon.url);
await using browser = await startInspectorBrowser();
await mkdir(folder, { recursive: true });
const named = process.argv.slice(2);
for (const picture of pictures) {
  if (named.length > 0 && !named.includes(picture.name)) continue;
  const { name, path, scheme = "light", width = 1280, height = 800 } = picture;
  await using tab = await browser.open(`${daemon.url}/ui/${path}`, {
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: "reduce",
  });
  await picture.prepare(tab.page);
  await tab.page.screenshot({ path: join(folder, `${name}.png`) });
  console.log(name);
}

/** Sessions of every kind. */
async function fill(baseUrl: string): Promise<void> {
  const client = await SandboxAgent.connect({ baseUrl });
  const titles = [
    "Update the dependencies",
    "Write the migration to the new schema",
    "Explain how the cache is invalidated",
    "Port the build to Node 24",
    "Review the error messages",
    "Rename the configuration's keys",
  ];
  for (const title of titles) await client.openSession({ agent: "mock", title });
  const failed = await client.openSession({ agent: "mock", title: "Find the memory leak" });
  for await (const _ of failed.prompt("error"));
  const ended = await client.openSession({ agent: "mock", title: "Try the release" });
  await ended.terminate();
  const busy = { agent: "mock", title: "Fix the flaky test" };
  const session = await client.openSession(busy, "flaky-test");
  for (const message of ["markdown", "tool", "permission"]) {
    for await (const { type } of client.streamTurn(session.id, { message })) {
      if (type === "permission.requested") break;
    }
  }
}
