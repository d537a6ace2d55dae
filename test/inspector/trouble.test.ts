import { expect, it } from "vitest";
import { connectionTrouble, mayPass } from "../../src/inspector/connection/trouble.ts";
import { SandboxAgentError } from "../../src/sdk/error.ts";

const origin = "https://pages.example";
const asked = { url: "http://127.0.0.1:2468", origin, hasToken: false };
const failed = new TypeError("Failed to fetch");
const problem = (status: number, body?: object) =>
  SandboxAgentError.of(new Response(body ? JSON.stringify(body) : "<html>", { status }));
const unauthorized = {
  title: "Token Invalid",
  status: 401,
  detail: "token invalid",
  type: "urn:x",
};

it("a daemon of another origin that gives no answer may need the flag that lets pages ask it", () => {
  expect(connectionTrouble(failed, asked).cure).toBe(
    `sandbox-agent server --cors-allow-origin ${origin}`,
  );
  expect(mayPass(failed)).toBe(true);
});

it("the daemon of the page itself needs no flag", () => {
  const trouble = connectionTrouble(failed, { ...asked, url: origin });
  expect(trouble).toEqual({
    title: "The daemon does not answer",
    detail: `Nobody answers at ${origin}.`,
  });
});

it("a page that came over https can ask nothing over http, but on the same machine", () => {
  const trouble = connectionTrouble(failed, { ...asked, url: "http://box.example:2468" });
  expect(trouble.detail).toContain("must be https too");
  expect(trouble.cure).toBeUndefined();
});

it("a token that is missing is told apart from a wrong one", async () => {
  const error = await problem(401, unauthorized);
  expect(connectionTrouble(error, asked).title).toBe("A token is needed");
  expect(connectionTrouble(error, { ...asked, hasToken: true }).title).toContain("not the right");
  expect(mayPass(error)).toBe(false);
});

it("a refusal is told in the daemon's words", async () => {
  const detail = "host not allowed: evil; start the server with --allow-host";
  const error = await problem(403, { title: "Host Not Allowed", status: 403, detail });
  expect(connectionTrouble(error, asked)).toEqual({ title: "Host Not Allowed", detail });
});

it("another server is told to be none of ours, and a proxy without its daemon to be asked again", async () => {
  expect(connectionTrouble(await problem(404), asked).title).toContain("no sandbox-agent");
  expect(connectionTrouble(new SyntaxError("no JSON"), asked).title).toContain("no sandbox-agent");
  expect(mayPass(await problem(404))).toBe(false);
  expect(mayPass(await problem(502))).toBe(true);
});
