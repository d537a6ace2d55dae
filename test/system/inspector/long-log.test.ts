import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { Reader } from "../../../bench/support/reader.ts";
import { createSession, eventCount, send } from "../../../bench/support/client.ts";
import { Daemon } from "../../../bench/support/target.ts";
import { startInspectorBrowser } from "../../support/inspector.ts";
import { repository } from "../../repo/files.ts";
import { temporaryHome } from "../../support/sandbox.ts";

const bench = join(repository, "bench/main.ts");
const run = promisify(execFile);

it("of 100,000 events each is read once, and only rows in sight are in the document", async () => {
  await using browser = await startInspectorBrowser();
  await using daemon = await Daemon.start({
    label: "ours",
    path: join(repository, "src/main.ts"),
  });
  await createSession(daemon, "s", "claude");
  const reader = await Reader.open(daemon, "s", 0, { count: false });
  await send(daemon, "s", "deltas 100000");
  await reader.done;
  const count = await eventCount(daemon, "s");
  await using tab = await browser.open("about:blank");
  const { page } = tab;
  const asked: string[] = [];
  page.on("request", (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname.endsWith("/events")) asked.push(search);
    if (pathname.endsWith("/events/sse")) asked.push(`stream ${search}`);
  });
  await page.goto(`${daemon.url}/ui/sessions/s`);
  const conversation = page.getByRole("region", { name: "Conversation" });
  await conversation.getByText("Turn completed").waitFor();
  // The end is seen first, while all before it is still read.
  await expect.poll(() => asked[0]).toBe(`?offset=${count - 500}&limit=500`);
  await page.locator(".earlier").waitFor({ state: "detached" });
  expect(await page.locator(".scroll-row").count()).toBeLessThan(40);
  const pages = asked
    .filter((query) => query.startsWith("?"))
    .map((query) => new URLSearchParams(query));
  let next = 0;
  for (const query of pages.toSorted((a, b) => Number(a.get("offset")) - Number(b.get("offset")))) {
    expect(Number(query.get("offset"))).toBe(next);
    next += Number(query.get("limit"));
  }
  expect(next).toBe(count);
  await expect
    .poll(() => asked.filter((query) => query.startsWith("stream")))
    .toEqual([`stream ?offset=${count}`]);
  await page.getByRole("button", { name: /^Events/ }).click();
  await page.locator(".event-sequence").getByText(String(count), { exact: true }).waitFor();
  expect(await page.locator(".event").count()).toBeLessThan(80);
  await page.getByRole("searchbox").fill("turn_1");
  await page.getByText(/^\d+ of 100,?\d+ events$/).waitFor();
  expect(await page.locator("*").count()).toBeLessThan(2000);
});

it("the benchmark measures the page", async () => {
  await using home = await temporaryHome();
  const json = join(home.dir, "bench.json");
  const names = ["open", "heap", "frame", "task"].map((name) => `inspector-${name}`);
  const args = [bench, "--quick", "--json", json, "--only", names.join(",")];
  await run(process.execPath, args, { env: home.env, cwd: home.work });
  const results: { name: string; ours: { value?: number } }[] = JSON.parse(
    await readFile(json, "utf8"),
  );
  expect(results.map(({ name }) => name)).toEqual(names);
  for (const { name, ours } of results) expect(ours.value, name).toBeGreaterThan(0);
}, 120_000);
