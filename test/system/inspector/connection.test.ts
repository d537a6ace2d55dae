import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { buildInspectorUrl } from "../../../src/sdk/inspector-url.ts";
import { CuttingProxy } from "../../support/cutting-proxy.ts";
import { startDaemon } from "../../support/daemon.ts";
import { freePort } from "../../support/free-port.ts";
import { inspectorBrowser } from "../../support/inspector.ts";
import { postJson } from "../../support/post-json.ts";
import { PrefixProxy } from "../../support/prefix-proxy.ts";
import { temporaryHome } from "../../support/sandbox.ts";

const token = "s3cr3t/&=#";
const browser = inspectorBrowser();

async function create(url: string, id: string, headers: Record<string, string> = {}) {
  const answer = await postJson(`${url}/v1/sessions/${id}`, { agent: "mock" }, headers);
  expect(answer.status).toBe(200);
}

const authorization = `Bearer ${token}`;
const row = (page: Page, id: string) => page.getByRole("link", { name: id });
const state = (page: Page) => page.locator(".bar-state");
const connected = (page: Page) => state(page).getByText("Connected", { exact: true }).waitFor();

it("without a token it is there at once, and asks nobody but its daemon", async () => {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home });
  await using tab = await browser.open(`${daemon.url}/ui`);
  await tab.page.getByRole("heading", { name: "No session yet" }).waitFor();
  await create(daemon.url, "one");
  await row(tab.page, "one").click();
  expect(tab.page.url()).toBe(`${daemon.url}/ui/sessions/one`);
  await tab.page.goBack();
  expect(tab.page.url()).toBe(`${daemon.url}/ui/`);
  expect([...tab.origins]).toEqual([daemon.url]);
  expect(tab.faults).toEqual([]);
});

it("a token is asked for, a wrong one refused, and the right one kept for the tab alone", async () => {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home, args: ["--token", token] });
  await create(daemon.url, "one", { authorization });
  await using tab = await browser.open(`${daemon.url}/ui/`);
  const { page } = tab;
  await page.getByText("A token is needed").waitFor();
  await page.getByLabel("Token").fill("wrong");
  await page.getByLabel("Token").press("Enter");
  await page.getByText("The token is not the right one").waitFor();
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await row(page, "one").waitFor();
  await page.reload();
  await row(page, "one").waitFor();
  expect(await page.evaluate(() => [localStorage.length, document.cookie])).toEqual([0, ""]);
  await using other = await browser.open(`${daemon.url}/ui/`);
  await other.page.getByText("A token is needed").waitFor();
  expect(daemon.stderr()).not.toContain("s3cr3t");
});

describe("a link that hands over the token", () => {
  it.each([
    ["of our SDK", (url: string) => buildInspectorUrl({ baseUrl: url, token })],
    ["of the reference's", (url: string) => `${url}/ui/?token=${encodeURIComponent(token)}`],
    [
      "of the reference's, with the daemon named",
      (url: string) =>
        `${url}/ui/?url=${encodeURIComponent(url)}&token=${encodeURIComponent(token)}`,
    ],
  ])("%s works, and nothing of it stays in sight", async (_, linkTo) => {
    await using home = await temporaryHome();
    await using daemon = await startDaemon({ home, args: ["--token", token] });
    await create(daemon.url, "one", { authorization });
    await using tab = await browser.open(linkTo(daemon.url));
    await row(tab.page, "one").waitFor();
    expect(tab.page.url()).toBe(`${daemon.url}/ui/`);
    await tab.page.getByRole("link", { name: "Requests" }).click();
    await tab.page.getByText("/v1/sessions", { exact: true }).click();
    const line = await tab.page.locator("details[open] code").textContent();
    expect(line).toContain('"authorization: Bearer $SANDBOX_AGENT_TOKEN"');
    expect(await tab.page.content()).not.toContain("s3cr3t");
    expect(daemon.stderr()).not.toContain("s3cr3t");
  });
});

it("behind a proxy that takes a prefix off, and with the headers that this asks for", async () => {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home });
  await using proxy = await PrefixProxy.start(daemon.url, "/box/7");
  await create(daemon.url, "one");
  const headers = { "x-proxy-key": "k3y" };
  await using tab = await browser.open(
    buildInspectorUrl({ baseUrl: proxy.url, headers }).replace("/ui/", "/ui"),
  );
  await row(tab.page, "one").click();
  expect(tab.page.url()).toBe(`${proxy.url}/ui/sessions/one`);
  await tab.page.reload();
  await row(tab.page, "one").waitFor();
  await expect.poll(() => proxy.headers["x-proxy-key"]).toBe("k3y");
  await tab.page.getByRole("link", { name: "Agents" }).click();
  await tab.page.getByRole("heading", { name: "Mock" }).waitFor();
  expect(proxy.strays).toEqual([]);
  expect(tab.faults).toEqual([]);
});

it("another daemon can be named; one that does not let the page ask it is told the flag", async () => {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home });
  await using strict = await startDaemon({ home, args: ["--token", token] });
  const args = ["--token", token, "--cors-allow-origin", daemon.url];
  await using open = await startDaemon({ home, args });
  await create(open.url, "elsewhere", { authorization });
  await using tab = await browser.open(`${daemon.url}/ui/`);
  const { page } = tab;
  await connected(page);
  const connect = async (url: string) => {
    await page.getByLabel("Daemon", { exact: true }).last().fill(url);
    await page.getByLabel("Token").last().fill(token);
    await page.getByRole("button", { name: "Connect", exact: true }).last().click();
  };
  await state(page).click();
  await connect(strict.url);
  await page.getByText(`sandbox-agent server --cors-allow-origin ${daemon.url}`).waitFor();
  await connect(open.url);
  await row(page, "elsewhere").waitFor();
  expect(await state(page).textContent()).toContain(new URL(open.url).host);
});

it("a link that names another daemon is asked about before anything is kept or requested", async () => {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home, args: ["--token", token] });
  const args = ["--token", "other", "--cors-allow-origin", daemon.url];
  await using other = await startDaemon({ home, args });
  await create(daemon.url, "one", { authorization });
  await using tab = await browser.open(buildInspectorUrl({ baseUrl: daemon.url, token }));
  const { page } = tab;
  await row(page, "one").waitFor();
  const link = `${daemon.url}/ui/#url=${encodeURIComponent(other.url)}&headers={"x-a":"b"}`;
  const kept = () => page.evaluate(() => sessionStorage.getItem("sandbox-agent"));
  const before = await kept();
  const sent: (string | null)[] = [];
  page.on("request", (request) => {
    if (request.url().startsWith(other.url)) sent.push(request.headers()["authorization"] ?? null);
  });

  await page.goto("about:blank");
  await page.goto(link);
  const question = page.getByRole("heading", { name: "This link uses another daemon" });
  await question.waitFor();
  expect(await question.textContent()).toContain(new URL(other.url).host);
  expect(page.url()).toBe(`${daemon.url}/ui/`);
  expect(await kept()).toBe(before);
  await page.getByRole("button", { name: "Stay with this daemon" }).click();
  await row(page, "one").waitFor();
  expect(await kept()).toBe(before);
  expect([...tab.origins]).toEqual([daemon.url]);

  await page.goto("about:blank");
  await page.goto(link);
  await page.getByRole("button", { name: "Connect to the other daemon" }).click();
  await page.getByText("A token is needed").waitFor();
  expect(sent.length).toBeGreaterThan(0);
  expect(sent.filter((value) => value !== null)).toEqual([]);
  expect(await kept()).toContain(other.url);
  expect(await kept()).not.toContain("s3cr3t");
  // The tab uses that daemon now, so the same link is not asked about again.
  await page.goto("about:blank");
  await page.goto(link);
  await page.getByText("A token is needed").waitFor();
  expect(tab.faults).toEqual([]);
});

it("a network that is cut is told, and what it hid is there when it is back", async () => {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home });
  await using proxy = await CuttingProxy.start(daemon.url);
  await create(daemon.url, "one");
  await using tab = await browser.open(`${proxy.url}/ui/`);
  await row(tab.page, "one").waitFor();
  proxy.refuses = true;
  proxy.cutAll();
  await tab.page.getByRole("alert").getByText("The daemon does not answer").waitFor();
  await row(tab.page, "one").waitFor();
  await create(daemon.url, "two");
  proxy.refuses = false;
  await row(tab.page, "two").waitFor();
  await connected(tab.page);
  expect(await tab.page.getByRole("alert").count()).toBe(0);
  expect(await tab.page.getByText("restarted").count()).toBe(0);
});

it("a daemon that is killed and started again is told, with what is lost", async () => {
  await using home = await temporaryHome();
  const args = ["--no-token", "--port", String(await freePort())];
  await using first = await startDaemon({ home, args });
  await create(first.url, "one");
  await using tab = await browser.open(`${first.url}/ui/sessions/one`);
  await row(tab.page, "one").waitFor();
  await first.stop("SIGKILL");
  await tab.page.getByRole("alert").getByText("The daemon does not answer").waitFor();
  await using second = await startDaemon({ home, args });
  await create(second.url, "two");
  await row(tab.page, "two").waitFor();
  await tab.page.getByText("1 session is gone").waitFor();
  await tab.page.getByRole("heading", { name: "There is no session one" }).waitFor();
  await tab.page.getByRole("button", { name: "Dismiss" }).click();
  expect(await tab.page.getByText("1 session is gone").count()).toBe(0);
});

it("the list shows no session as running while the daemon is unreachable", async () => {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home });
  await create(daemon.url, "one");
  const message = { message: "permission" };
  expect((await postJson(`${daemon.url}/v1/sessions/one/messages`, message)).status).toBe(204);
  await using tab = await browser.open(`${daemon.url}/ui/sessions/one`);
  await row(tab.page, "one").getByText("2 to answer").waitFor();
  await daemon.stop("SIGTERM");
  await tab.page.getByRole("alert").getByText("The daemon does not answer").waitFor();
  await tab.page.getByRole("status").getByText("ended", { exact: true }).waitFor();
  await row(tab.page, "one").getByText("was waiting").waitFor();
  expect(await row(tab.page, "one").getByText("to answer").count()).toBe(0);
});
