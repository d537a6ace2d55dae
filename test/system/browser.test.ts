import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { readFile, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { execa } from "execa";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { repository } from "../repo/files.ts";
import { type RunningChromium, startChromium } from "../support/chromium.ts";
import { CuttingProxy } from "../support/cutting-proxy.ts";
import { startDaemon } from "../support/daemon.ts";
import { type ProjectWithPackage, projectWithPackage } from "../support/installed-package.ts";
import { temporaryHome } from "../support/sandbox.ts";

// What the page has, where the functions below run that are given to it.
declare const sdk: typeof import("../../src/index.ts");

const token = "of the page";
let project: ProjectWithPackage;
let chromium: RunningChromium;
let bundle: string;
let pages: Server;
let origin: string;

beforeAll(async () => {
  project = await projectWithPackage();
  const entry = join(project.folder, "page.js");
  await writeFile(entry, 'import * as sdk from "sandbox-agent";\nglobalThis.sdk = sdk;\n');
  const outfile = join(project.folder, "bundle.js");
  const bun = join(repository, "node_modules/.bin/bun");
  await execa(bun, ["build", entry, "--target", "browser", "--outfile", outfile]);
  bundle = await readFile(outfile, "utf8");
  pages = createServer((request, response) => {
    const isBundle = request.url === "/bundle.js";
    response.setHeader("content-type", isBundle ? "text/javascript" : "text/html");
    response.end(
      isBundle ? bundle : '<!doctype html><script type="module" src="bundle.js"></script>',
    );
  });
  await once(pages.listen(0, "127.0.0.1"), "listening");
  origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
  chromium = await startChromium();
});

afterAll(async () => {
  await chromium[Symbol.asyncDispose]();
  pages.closeAllConnections();
  pages.close();
  await project[Symbol.asyncDispose]();
});

async function openPage(): Promise<Page> {
  const page = await chromium.browser.newPage();
  await page.goto(origin);
  await page.waitForFunction(() => typeof sdk === "object");
  return page;
}

it("a bundle for pages has nothing of Node and no schemas in it", () => {
  expect(bundle).toContain("SandboxAgent");
  expect(bundle).not.toMatch(/node:|require\(|\bzod/i);
  expect(bundle.length).toBeLessThan(40_000);
});

it("a page of an allowed origin holds a session, over broken connections too", async () => {
  await using home = await temporaryHome();
  const args = ["--token", token, "--cors-allow-origin", origin];
  await using daemon = await startDaemon({ home, args });
  await using proxy = await CuttingProxy.start(daemon.url, (stream) => ({
    kind: "cut",
    afterBytes: 1_000 + 50 * stream,
  }));
  const page = await openPage();
  const seen = await page.evaluate(
    async ({ baseUrl, token }) => {
      const client = await sdk.SandboxAgent.connect({ baseUrl, token });
      const session = await client.openSession({ agent: "mock" });
      const asked: string[] = [];
      const prompted: string[] = [];
      for await (const { type } of session.prompt("permission", {
        onPermission: ({ action }) => {
          asked.push(action);
          return action === "file_change" ? "reject" : "once";
        },
      })) {
        prompted.push(type);
      }
      const turn: string[] = [];
      for await (const { type } of client.streamTurn(session.id, { message: "hello" })) {
        turn.push(type);
      }
      await session.terminate();
      const sequences: number[] = [];
      for await (const { sequence } of session.events()) sequences.push(sequence);
      const { eventCount } = await session.info();
      return { asked, prompted, turn, sequences, eventCount };
    },
    { baseUrl: proxy.url, token },
  );
  expect(seen.asked).toEqual(["command_execution", "file_change"]);
  expect(seen.prompted[0]).toBe("turn.started");
  expect(seen.prompted.filter((type) => type === "permission.resolved")).toHaveLength(2);
  expect(seen.prompted.at(-1)).toBe("turn.ended");
  expect(seen.turn).toEqual([
    "turn.started",
    "item.started",
    "item.completed",
    "item.started",
    "item.delta",
    "item.completed",
    "turn.ended",
  ]);
  expect(seen.sequences).toEqual(Array.from({ length: seen.eventCount }, (_, index) => index + 1));
  expect(proxy.streams).toBeGreaterThan(4);
  await page.close();
});

it("a page is told of errors as any other program, and can abort", async () => {
  await using home = await temporaryHome();
  const args = ["--token", token, "--cors-allow-origin", "*"];
  await using daemon = await startDaemon({ home, args });
  const page = await openPage();
  const told = await page.evaluate(
    async ({ baseUrl, token }) => {
      const caught = (error: unknown) =>
        error instanceof sdk.SandboxAgentError
          ? `${error.status} ${error.message}: ${error.problem?.detail}`
          : String(error);
      const stranger = await sdk.SandboxAgent.connect({ baseUrl, token: "wrong" });
      const client = await sdk.SandboxAgent.connect({ baseUrl, token, fetch: window.fetch });
      const stop = new AbortController();
      await client.createSession("s", { agent: "mock" });
      const events = client.streamEvents("s", {}, stop.signal);
      await events.next();
      const next = events.next().catch(caught);
      stop.abort();
      return [
        await stranger.listAgents().catch(caught),
        await client.getSession("nobody").catch(caught),
        await next,
        await sdk.SandboxAgent.start().catch(caught),
      ];
    },
    { baseUrl: daemon.url, token },
  );
  expect(told).toEqual([
    expect.stringMatching(/^401 Token Invalid: /),
    "404 Session Not Found: session not found: nobody",
    expect.stringMatching(/^AbortError/),
    "Error: Autospawn requires a Node.js runtime.",
  ]);
  await page.close();
});

it.each([[[]], [["--cors-allow-origin", "https://other.example"]]])(
  "a page whose origin is not allowed is told how it can be (%j)",
  async (more) => {
    await using home = await temporaryHome();
    await using daemon = await startDaemon({ home, args: ["--token", token, ...more] });
    const page = await openPage();
    const told = await page.evaluate(
      async ({ baseUrl, token }) => {
        const client = await sdk.SandboxAgent.connect({ baseUrl, token });
        return client.createSession("s", { agent: "mock" }).catch(String);
      },
      { baseUrl: daemon.url, token },
    );
    expect(told).toBe(
      `TypeError: ${daemon.url} cannot be reached from a page of ${origin}: is the daemon running there, and was it started with --cors-allow-origin ${origin}? (Failed to fetch)`,
    );
    await page.close();
  },
);
