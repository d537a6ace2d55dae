import { brotliCompressSync, brotliDecompressSync, gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { InspectorFile } from "../../src/server/inspector.ts";
import { startDaemon } from "../support/daemon.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { type AppOptions, type ValidatedApp, validatedApp } from "../support/validated-app.ts";

const html = '<!doctype html><base href="./" /><script src="./assets/main-1.js"></script>';
const script = `console.log("${"inspector ".repeat(100)}")`;
const file = (path: string, type: string, text: string): InspectorFile => {
  return { path, type, brotli: brotliCompressSync(text).toString("base64") };
};
const files = [
  file("assets/main-1.js", "text/javascript; charset=utf-8", script),
  file("index.html", "text/html; charset=utf-8", html),
];

async function appWithInspector(options: AppOptions = {}): Promise<ValidatedApp["app"]> {
  const { app } = await validatedApp({ inspector: async () => files, ...options });
  return app;
}

const headers = { host: "localhost" };

describe("the page", () => {
  it.each([
    ["/ui/", "./"],
    ["/ui/index.html", "./"],
    ["/ui/agents", "./"],
    ["/ui/?url=http%3A%2F%2Fa&token=t", "./"],
    ["/ui/sessions/one", "../"],
    ["/ui/sessions/v1.2%2Fx.js", "../"],
    ["/ui/sessions/one/events", "../../"],
  ])("is what %s gives, whose own addresses begin at %s", async (url, base) => {
    const app = await appWithInspector();
    const response = await app.inject({ url, headers });
    expect(response.statusCode).toBe(200);
    expect(response.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(response.headers["cache-control"]).toBe("no-cache");
    expect(response.body).toBe(html.replace("./", base));
  });

  it("is what /ui leads to, relatively, so that a proxy may have taken a prefix off", async () => {
    const app = await appWithInspector();
    const response = await app.inject({ url: "/ui?token=t", headers });
    expect(response.statusCode).toBe(302);
    expect(response.headers.location).toBe("ui/?token=t");
  });

  it("may run its own scripts and styles alone, ask any daemon, and stand in no frame", async () => {
    const app = await appWithInspector();
    for (const url of ["/ui/", "/ui/assets/main-1.js"]) {
      const { headers: given } = await app.inject({ url, headers });
      const policy = String(given["content-security-policy"]).split("; ");
      expect(policy).toEqual([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self' http: https:",
        "base-uri 'self'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ]);
      expect(given["x-content-type-options"]).toBe("nosniff");
      expect(given["referrer-policy"]).toBe("no-referrer");
    }
  });

  it("asks for no token, and gives none of what a token protects", async () => {
    const app = await appWithInspector({ auth: { token: "secret" } });
    expect((await app.inject({ url: "/ui/", headers })).statusCode).toBe(200);
    expect((await app.inject({ url: "/ui/assets/main-1.js", headers })).statusCode).toBe(200);
    expect((await app.inject({ url: "/ui/../v1/agents", headers })).statusCode).not.toBe(200);
    expect((await app.inject({ url: "/v1/agents", headers })).statusCode).toBe(401);
  });

  it("is refused to a foreign Host where no token protects the API", async () => {
    const app = await appWithInspector();
    const response = await app.inject({ url: "/ui/", headers: { host: "evil.example" } });
    expect(response.statusCode).toBe(403);
  });

  it("has no other methods", async () => {
    const app = await appWithInspector();
    expect((await app.inject({ method: "HEAD", url: "/ui/", headers })).statusCode).toBe(200);
    const response = await app.inject({ method: "POST", url: "/ui/sessions/one", headers });
    expect(response.statusCode).toBe(405);
    expect(response.headers.allow).toBe("GET,HEAD");
  });

  it.each(["assets/none.js", "assets/none", "favicon.ico", "sessions/a/b.js", "../index.html"])(
    "is not given for a file that there is not: %s",
    async (path) => {
      const app = await appWithInspector();
      const response = await app.inject({ url: `/ui/${path}`, headers });
      expect(response.statusCode).toBe(404);
      expect(response.json()).toMatchObject({ title: "Not Found" });
    },
  );

  it("is a problem that names the cure where it has not been built", async () => {
    const app = await appWithInspector({ inspector: async () => undefined });
    const response = await app.inject({ url: "/ui/", headers });
    expect(response.statusCode).toBe(404);
    expect(response.json<{ detail: string }>().detail).toContain("npm run inspector");
  });

  it("stands in no description of the API", async () => {
    const app = await appWithInspector();
    expect((await app.inject({ url: "/openapi.json", headers })).body).not.toContain("/ui");
  });
});

describe("its files, whose names tell their contents", () => {
  const same = (bytes: Buffer) => bytes;
  it.each([
    ["br, gzip", "br", brotliDecompressSync],
    ["gzip, deflate, BR", "br", brotliDecompressSync],
    ["gzip", "gzip", gunzipSync],
    ["gzip;q=0.5, br;q=0", "gzip", gunzipSync],
    ["", undefined, same],
    ["deflate", undefined, same],
  ])("are kept for ever, and go as is accepted: %s", async (accepted, encoding, decode) => {
    const app = await appWithInspector();
    const response = await app.inject({
      url: "/ui/assets/main-1.js",
      headers: { ...headers, "accept-encoding": accepted },
    });
    expect(response.headers["content-encoding"]).toBe(encoding);
    expect(response.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect(response.headers["content-type"]).toBe("text/javascript; charset=utf-8");
    expect(String(response.headers["vary"]).split(", ")).toContain("accept-encoding");
    expect(decode(response.rawPayload).toString()).toBe(script);
  });
});

it("a token in the address of the page is in no log", async () => {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home, args: ["--token", "s3cr3t"] });
  for (const path of ["/ui/", "/ui", "/ui/sessions/one", "/ui/none.js"]) {
    await (await fetch(`${daemon.url}${path}?token=s3cr3t&headers=%7B%7D`)).text();
  }
  await expect.poll(() => daemon.stderr()).toContain("/ui/none.js");
  await daemon.stop();
  expect(daemon.stderr()).toContain("/ui/sessions/one");
  expect(daemon.stderr() + daemon.stdout()).not.toContain("s3cr3t");
});
