import { expect, test } from "vitest";
import { hasMoreValues } from "../../src/server/json-size.ts";
import { type ValidatedApp, validatedApp } from "../support/validated-app.ts";

const MiB = 2 ** 20;
const ones = (count: number): string => `[${"1,".repeat(count - 1)}1]`;
const keys = (count: number, value: string): string =>
  `{${Array.from({ length: count }, (_, n) => `"k${n}":${value}`).join(",")}}`;

async function sendText(app: ValidatedApp, url: string, payload: string) {
  const headers = { "content-type": "application/json" };
  return await app.inject({ method: "POST", url, headers, payload });
}

const bodies: [what: string, path: string, body: string][] = [
  ["12 MiB of attachments", "messages", `{"attachments":${ones(6 * MiB)}}`],
  ["objects as attachments", "messages", `{"attachments":[${"{},".repeat(4 * MiB)}{}]}`],
  ["2 MiB of answers", "questions/q/reply", `{"answers":${ones(MiB - 10)}}`],
  ["deep arrays", "questions/q/reply", `{"answers":${"[".repeat(MiB - 20)}}`],
  ["a million unknown keys", "messages", keys(1_000_000, "1")],
  ["many variables", "", `{"agent":"mock","env":${keys(150_000, "1")}}`],
];

test.each(bodies)("a body of %s is refused before it is parsed", async (_, path, body) => {
  await using app = await validatedApp();
  await app.createSession("s");
  const url = path === "" ? "/v1/sessions/t" : `/v1/sessions/s/${path}`;
  const answer = await sendText(app, url, body);
  expect(answer.json()).toMatchObject({
    status: 400,
    details: { issues: [{ path: "body", message: "has more than 20000 members and elements" }] },
  });
});

test.each([
  ["attachments", "messages", { message: "m", attachments: Array.from({ length: 100 }, () => 1) }],
  ["answers", "questions/q/reply", { answers: Array.from({ length: 100 }, () => 1) }],
])("a problem lists 20 issues and counts the others: %s", async (_, path, body) => {
  await using app = await validatedApp();
  await app.createSession("s");
  const answer = await app.post(`/v1/sessions/s/${path}`, body);
  const { issues, moreIssues } = answer.json().details;
  expect(issues).toHaveLength(20);
  expect(moreIssues).toBe(80);
  expect(answer.body.length).toBeLessThan(4000);
});

test("the path of an issue is cut, however long a name of a member is", async () => {
  await using app = await validatedApp();
  const answer = await app.post("/v1/sessions/s", { agent: "mock", env: { ["k".repeat(MiB)]: 1 } });
  expect(answer.statusCode).toBe(400);
  expect(answer.body.length).toBeLessThan(2000);
});

const long = "x".repeat(1025);
test.each([
  ["title", { title: long }],
  ["model", { model: long }],
  ["variant", { variant: long }],
  ["agentMode", { agentMode: long }],
  ["permissionMode", { permissionMode: long }],
  ["agentVersion", { agentVersion: long }],
  ["agent", { agent: long }],
  ["directory", { directory: `/${"d".repeat(4096)}` }],
  ["env", { env: Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`k${n}`, ""])) }],
  ["env", { env: { A: "x".repeat(MiB) } }],
])("a session is not created with a longer %s than allowed", async (member, body) => {
  await using app = await validatedApp();
  const answer = await app.post("/v1/sessions/s", { agent: "mock", ...body });
  expect(answer.json()).toMatchObject({ status: 400, details: { issues: [{ path: member }] } });
  expect(answer.body.length).toBeLessThan(2000);
});

test.each([
  [
    "attachments",
    "messages",
    { message: "m", attachments: Array.from({ length: 101 }, () => ({ path: "/a" })) },
  ],
  ["answers", "questions/q/reply", { answers: Array.from({ length: 101 }, () => []) }],
  ["answers.0", "questions/q/reply", { answers: [Array.from({ length: 101 }, () => "a")] }],
])("more than 100 %s are refused", async (member, path, body) => {
  await using app = await validatedApp();
  await app.createSession("s");
  const answer = await app.post(`/v1/sessions/s/${path}`, body);
  expect(answer.json()).toMatchObject({ status: 400, details: { issues: [{ path: member }] } });
});

test("hasMoreValues counts members, elements and containers, and nothing within strings", () => {
  const count = (text: string): number => {
    for (let limit = 0; ; limit++) if (!hasMoreValues(Buffer.from(text), limit)) return limit;
  };
  expect(count("1")).toBe(0);
  expect(count("[1,2]")).toBe(2);
  expect(count('{"a":1,"b":[]}')).toBe(5);
  expect(count('"[,,,{:"')).toBe(0);
  expect(count(String.raw`["\",,,","\\",1]`)).toBe(3);
  expect(count('"never ends ,,,')).toBe(0);
  expect(count(String.raw`"ends in a backslash \\`)).toBe(0);
});
