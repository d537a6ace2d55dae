import { once } from "node:events";
import { createReadStream } from "node:fs";
import { cp } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, it } from "vitest";
import { build } from "vite";
import { type RunningChromium, startChromium } from "../../support/chromium.ts";
import { type Daemon, startDaemon } from "../../support/daemon.ts";
import { type ProjectWithPackage, projectWithPackage } from "../../support/installed-package.ts";
import { npmPackages } from "../../support/registry-packages.ts";
import { temporaryHome, type TemporaryHome } from "../../support/sandbox.ts";
import { expectWholeSession, type Reader } from "./scenario.ts";

// What the programs define in their pages.
type ReadSession = (url: string, session: string) => Promise<string[]>;
declare const readSession: ReadSession;
declare const readSessionInWorker: ReadSession;

let home: TemporaryHome;
let daemon: Daemon;
let project: ProjectWithPackage;
let chromium: RunningChromium;
let files: Server;
let webpack: string;

beforeAll(async () => {
  home = await temporaryHome();
  daemon = await startDaemon({ home, args: ["--no-token", "--cors-allow-origin", "*"] });
  project = await projectWithPackage();
  await cp(join(import.meta.dirname, "sdk"), project.folder, { recursive: true });
  await cp(join(import.meta.dirname, "programs"), project.folder, { recursive: true });
  files = await serve(project.folder);
  chromium = await startChromium();
  webpack = await npmPackages("webpack", { webpack: "5.113.0", "webpack-cli": "7.3.1" });
});

afterAll(async () => {
  await chromium[Symbol.asyncDispose]();
  files.close();
  await project[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

/** Serves the files of a folder. The path `/` is a page that loads the script named in its query. */
async function serve(folder: string): Promise<Server> {
  const types: Record<string, string> = { ".js": "text/javascript", ".html": "text/html" };
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? "/", "http://127.0.0.1");
    const page = `<!doctype html><script type="module" src="${search.slice(1)}"></script>`;
    const type = types[extname(pathname)];
    response.setHeader("content-type", type ?? "text/html");
    if (type === undefined) response.end(page);
    else createReadStream(join(folder, pathname)).pipe(response);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return server;
}

/** A client that is a function of a page. */
function pageReader(path: string, read: "readSession" | "readSessionInWorker"): Reader {
  return async ({ url, session }) => {
    const page = await chromium.browser.newPage();
    await page.goto(`http://127.0.0.1:${(files.address() as AddressInfo).port}${path}`);
    await page.waitForFunction((name) => name in globalThis, read);
    const lines = await page.evaluate(
      ([name, url, session]) =>
        name === "readSession" ? readSession(url, session) : readSessionInWorker(url, session),
      [read, url, session] as const,
    );
    await page.close();
    return lines;
  };
}

it("EventSource reads every event of a session once", async () => {
  await expectWholeSession(daemon.url, pageReader("/?/event-source.js", "readSession"));
});

it("the SDK bundled by Vite reads every event once, in a page and in a worker", async () => {
  const root = join(project.folder, "vite");
  // The scripts of the build are named from where its page is.
  await build({ root, base: "./", logLevel: "error", worker: { format: "es" } });
  const built = "/vite/dist/index.html";
  await Promise.all([
    expectWholeSession(daemon.url, pageReader(built, "readSession")),
    expectWholeSession(daemon.url, pageReader(built, "readSessionInWorker")),
  ]);
});

it("the SDK bundled by webpack reads every event of a session once", async () => {
  const cli = join(webpack, "node_modules/webpack-cli/bin/cli.js");
  const cwd = join(project.folder, "webpack");
  const args = ["--mode", "production", "--entry", "./main.js", "-o", "dist"];
  await execa(process.execPath, [cli, "build", ...args], { cwd, env: home.env, extendEnv: false });
  await expectWholeSession(daemon.url, pageReader("/?/webpack/dist/main.js", "readSession"));
});
