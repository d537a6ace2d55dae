import { describe, expect, it } from "vitest";
import { createMockAgent } from "../../src/agents/mock/index.ts";
import type { ServerParts } from "../../src/server/app.ts";
import { validatedApp } from "../support/validated-app.ts";

/** The status of a request that creates a session, and of one that reads. */
async function statusOf(
  parts: Partial<ServerParts>,
  headers: Record<string, string>,
): Promise<{ change: number; read: number }> {
  await using app = await validatedApp(parts);
  const payload = { agent: "mock" };
  const changed = await app.inject({ method: "POST", url: "/v1/sessions/s", headers, payload });
  const read = await app.inject({ url: "/v1/sessions", headers });
  return { change: changed.statusCode, read: read.statusCode };
}

const allowed = { change: 200, read: 200 };
const readOnly = { change: 403, read: 200 };

describe.each(["0.0.0.0", "::", "192.0.2.7"])("without a token on %s, a page", (bindHost) => {
  it.each([
    ["http://evil.example", "evil.example"],
    ["http://evil.example:2468", "evil.example:2468"],
    ["HTTP://EVIL.EXAMPLE:2468", "evil.example:2468"],
    ["http://evil.example.", "evil.example."],
    ["http://xn--bcher-kva.example", "xn--bcher-kva.example"],
    ["http://bücher.example", "xn--bcher-kva.example"],
    ["http://127.0.0.1.evil.example", "127.0.0.1.evil.example"],
    ["http://localhost.evil.example", "localhost.evil.example"],
    ["http://notlocalhost", "notlocalhost"],
    ["http://1e100", "1e100"],
    ["http://box", "box"],
  ])("of the plain http name %s may only read", async (origin, host) => {
    expect(await statusOf({ bindHost }, { origin, host })).toEqual(readOnly);
  });

  it.each([
    ["null", "box.example"],
    ["file://", ""],
    ["ftp://box.example", "box.example"],
    ["app://box.example", "box.example"],
    ["http://box.example", "box.example:2468"],
    ["http://127.0.0.1:1", "127.0.0.1:2468"],
    ["http://127.0.0.1@evil.example", "evil.example"],
    ["http://user:secret@127.0.0.1", "127.0.0.1"],
    ["http://evil.example#@127.0.0.1", "127.0.0.1"],
    ["http://evil.example\\@127.0.0.1", "127.0.0.1"],
    ["http://127.0.0.1/path", "127.0.0.1"],
    ["http://127.0.0.1 http://evil.example", "127.0.0.1"],
    ["http://256.0.0.1", "256.0.0.1"],
    ["http://", ""],
    ["", "127.0.0.1"],
  ])("of %j, asking for %j, may only read", async (origin, host) => {
    expect(await statusOf({ bindHost }, { origin, host })).toEqual(readOnly);
  });

  it.each([
    ["http://192.0.2.7:2468", "192.0.2.7:2468"],
    ["http://2130706433", "127.0.0.1"],
    ["http://0x7f.1", "127.0.0.1"],
    ["http://0177.0.0.1", "127.0.0.1"],
    ["http://127.0.0.1.", "127.0.0.1"],
    ["http://[::1]:2468", "[::1]:2468"],
    ["http://[0:0:0:0:0:0:0:1]", "[::1]"],
    ["http://[::ffff:192.0.2.7]", "[::ffff:c000:207]"],
    ["http://localhost:2468", "localhost:2468"],
    ["http://LOCALHOST:2468", "localhost:2468"],
    ["http://localhost.:2468", "localhost.:2468"],
    ["http://a.localhost", "a.localhost"],
    ["https://box.example", "box.example"],
    ["https://box.example", "box.example:443"],
  ])("of the same origin %s may do everything", async (origin, host) => {
    expect(await statusOf({ bindHost }, { origin, host })).toEqual(allowed);
  });

  it.each<[string, Partial<ServerParts>]>([
    ["--allow-host", { allowedHosts: ["box.example"] }],
    ["a suffix of --allow-host", { allowedHosts: [".example"] }],
    ["--allow-host '*'", { allowedHosts: ["*"] }],
    ["CORS", { cors: { origins: ["http://box.example:2468"], credentials: false } }],
    ["CORS for every origin", { cors: { origins: ["*"], credentials: false } }],
  ])("of a plain http name may do everything when %s allows it", async (_, parts) => {
    const headers = { origin: "http://box.example:2468", host: "box.example:2468" };
    expect(await statusOf({ bindHost, ...parts }, headers)).toEqual(allowed);
  });

  it("of another site may not use a name that --allow-host allows", async () => {
    const parts = { bindHost, allowedHosts: ["box.example"] };
    const headers = { origin: "http://evil.example", host: "box.example" };
    expect(await statusOf(parts, headers)).toEqual(readOnly);
  });

  it("of a name that --allow-host does not list may not even read", async () => {
    const parts = { bindHost, allowedHosts: ["box.example"] };
    const refused = { change: 403, read: 403 };
    expect(await statusOf(parts, { host: "evil.example" })).toEqual(refused);
    for (const host of ["box.example", "localhost:2468", "127.0.0.1", "192.0.2.7:2468", "[::1]"]) {
      expect([host, await statusOf(parts, { host })]).toEqual([host, allowed]);
    }
  });
});

it("a page of a plain http name is refused with the option that allows it", async () => {
  await using app = await validatedApp({ bindHost: "0.0.0.0" });
  const headers = { origin: "http://box.example:2468", host: "box.example:2468" };
  const answer = await app.inject({ method: "DELETE", url: "/v1/sessions/s", headers });
  expect(answer.json()).toMatchObject({ status: 403, title: "Origin Not Allowed" });
  expect(answer.json().detail).toContain("--allow-host box.example");
});

it("a page of a plain http name may do everything with a token", async () => {
  const headers = { origin: "http://box", host: "box", authorization: "Bearer t" };
  const parts = { bindHost: "0.0.0.0", auth: { token: "t" } };
  expect(await statusOf(parts, headers)).toEqual(allowed);
});

describe("a request that a page of another site makes without Origin", () => {
  const acting = ["doctor", "doctor?checkKey=true", "models", "modes"];
  const urls = [...acting.map((what) => `/v1/agents/mock/${what}`), "/v1/sessions/s/events/sse"];

  it.each(urls)("does not reach %s without a token", async (url) => {
    const examined: string[] = [];
    const agents = [createMockAgent({ pauseMs: 0 })];
    const catalogOptions = {
      examine: async ({ id }: { id: string }) => {
        examined.push(id);
        return { agent: id, status: "ok" as const, checks: [] };
      },
    };
    await using app = await validatedApp({ agents, catalogOptions, bindHost: "0.0.0.0" });
    await app.createSession("s");
    for (const method of ["GET", "HEAD"] as const) {
      for (const site of ["cross-site", "same-site"]) {
        const headers = { "sec-fetch-site": site };
        expect((await app.inject({ method, url, headers })).statusCode).toBe(403);
      }
    }
    expect(examined).toEqual([]);
  });

  it.each(["none", "same-origin", undefined])("is answered when its site is %s", async (site) => {
    await using app = await validatedApp();
    for (const what of acting) {
      const headers = { ...(site !== undefined && { "sec-fetch-site": site }) };
      const answer = await app.inject({ url: `/v1/agents/mock/${what}`, headers });
      expect([what, answer.statusCode]).toEqual([what, 200]);
    }
  });

  it("is answered with a token, and when CORS allows every origin", async () => {
    const cors = { origins: ["*"], credentials: false };
    for (const parts of [{ cors }, { auth: { token: "t" } }]) {
      await using app = await validatedApp(parts);
      const headers = { "sec-fetch-site": "cross-site", authorization: "Bearer t" };
      const answer = await app.inject({ url: "/v1/agents/mock/models", headers });
      expect(answer.statusCode).toBe(200);
    }
  });
});
