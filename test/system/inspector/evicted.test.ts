import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { SessionInfo } from "../../../src/schema/session.ts";
import { CuttingProxy } from "../../support/cutting-proxy.ts";
import { type Daemon, startDaemon } from "../../support/daemon.ts";
import { inspectorBrowser } from "../../support/inspector.ts";
import { post as postTo } from "../../support/post-json.ts";
import { type TemporaryHome, temporaryHome } from "../../support/sandbox.ts";

const browser = inspectorBrowser();
let home: TemporaryHome;
let daemon: Daemon;

beforeAll(async () => {
  home = await temporaryHome();
  // The least that a daemon takes, so that the oldest events are dropped after a few messages.
  daemon = await startDaemon({
    home,
    args: ["--no-token", "--offline", "--event-buffer", "1MiB"],
  });
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

const post = (path: string, body: object) => postTo(`${daemon.url}/v1/sessions/${path}`, body);

async function info(id: string): Promise<SessionInfo> {
  return (await (await fetch(`${daemon.url}/v1/sessions/${id}`)).json()) as SessionInfo;
}

const words = (n: number) => `${"which takes room ".repeat(1000)} message ${n} `;

/** Messages until no event is kept up to this one; gives how many there have been. */
async function fill(id: string, dropped: number): Promise<number> {
  for (let n = 1; ; n++) {
    const { eventCount } = await info(id);
    await post(`${id}/messages`, { message: words(n) });
    await expect
      .poll(async () => {
        const { status, eventCount: count } = await info(id);
        return status === "idle" && count > eventCount;
      })
      .toBe(true);
    if ((await info(id)).firstSequence > dropped) return n;
  }
}

const rows = (page: Page) => page.getByRole("region", { name: "Conversation" });
const gone = (page: Page) => page.getByText(/^The events before [\d,]+ are no longer kept/);

it("a session whose first events are dropped says where it begins, and shows the rest", async () => {
  await post("long", { agent: "mock", title: "Long" });
  const said = await fill("long", 8);
  const { firstSequence, eventCount } = await info("long");
  await using tab = await browser.open(`${daemon.url}/ui/sessions/long`);
  const { page } = tab;
  await page
    .getByText(`The events before ${firstSequence} are no longer kept by the daemon.`)
    .waitFor();
  await rows(page).getByText(`message ${said} `).last().waitFor();
  await page.getByRole("button", { name: /^Events/ }).click();
  await page.getByText(`${eventCount - firstSequence + 1} events`, { exact: true }).waitFor();
  const list = page.getByRole("region", { name: "Events" });
  await list.press("Home");
  await page.locator(".event-sequence").getByText(String(firstSequence), { exact: true }).waitFor();
  expect(tab.faults).toEqual([]);
});

it("what is dropped while the page has it stays in sight, and its own message is told to be gone", async () => {
  await post("seen", { agent: "mock" });
  await using tab = await browser.open(`${daemon.url}/ui/sessions/seen`);
  const { page } = tab;
  await page.getByText("Nothing has been said yet.").waitFor();
  const said = await fill("seen", 1);
  await rows(page).getByText(`message ${said} `).last().waitFor();
  expect(await gone(page).count()).toBe(0);
  await page.getByRole("button", { name: /^Events/ }).click();
  const list = page.getByRole("region", { name: "Events" });
  await list.press("Home");
  const first = list.locator("summary").first();
  await first.getByText("session.started").waitFor();
  await first.click();
  await list.getByText(/^It cannot be read: /).waitFor();
});

it("a page that was cut off meanwhile begins anew with what is still kept", async () => {
  await using proxy = await CuttingProxy.start(daemon.url);
  await post("away", { agent: "mock" });
  await post("away/messages", { message: words(0) });
  await using tab = await browser.open(`${proxy.url}/ui/sessions/away`);
  const { page } = tab;
  await rows(page).getByText("Turn completed").waitFor();
  proxy.refuses = true;
  proxy.cutAll();
  const away = page.getByText(/What you see is what it told last/);
  await away.waitFor();
  const { eventCount } = await info("away");
  const said = await fill("away", eventCount + 1);
  proxy.refuses = false;
  await gone(page).waitFor();
  await rows(page).getByText(`message ${said} `).last().waitFor();
  await away.waitFor({ state: "detached" });
  await page.getByRole("button", { name: /^Events/ }).click();
  await page.getByRole("searchbox", { name: "Only events with this text" }).fill("message 0 ");
  await page.getByText(/^0 of \d+ events$/).waitFor();
});

it("what is dropped between two questions of the page makes it begin anew", async () => {
  await post("race", { agent: "mock" });
  await fill("race", 1);
  await using tab = await browser.open("about:blank");
  const { page } = tab;
  const statuses: number[] = [];
  let said = 0;
  await page.route(/\/v1\/sessions\/race\/events\?/, async (route) => {
    if (said === 0) said = await fill("race", (await info("race")).eventCount);
    await route.continue();
  });
  page.on("response", (response) => {
    if (response.url().includes("/race/events?")) statuses.push(response.status());
  });
  await page.goto(`${daemon.url}/ui/sessions/race`);
  await expect.poll(() => statuses).toEqual([410, 200]);
  await rows(page).getByText(`message ${said} `).last().waitFor();
  const { firstSequence, eventCount } = await info("race");
  await page.getByText(`The events before ${firstSequence} are no longer kept`).waitFor();
  await page.getByRole("button", { name: /^Events/ }).click();
  await page.getByText(`${eventCount - firstSequence + 1} events`, { exact: true }).waitFor();
  expect(await page.getByText("The connection has broken off").count()).toBe(0);
});
