import { describe, expect, it } from "vitest";
import { Secrets } from "../../src/credentials/secrets.ts";
import { arrayBufferBytes } from "../support/array-buffers.ts";

const none = () => new Secrets({});

describe("a value of the environment is a secret", () => {
  it.each([
    "ANTHROPIC_API_KEY",
    "OPENAI_API_KEY",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "SANDBOX_AGENT_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "DB_PASSWORD",
    "MY_PASSPHRASE",
    "npm_config__authToken",
    "ANTHROPIC_CUSTOM_HEADERS",
    "GITHUB_PAT",
  ])("where its variable is called %s", (name) => {
    const secrets = new Secrets({ [name]: "swordfish-1" });
    expect(secrets.redact("it is swordfish-1, swordfish-1")).toBe("it is [redacted], [redacted]");
  });

  it.each([
    ["its variable is called otherwise", { HOME: "swordfish-1" }],
    ["its variable names a place", { KEY_FILE: "swordfish-1", SSH_KEY_PATH: "swordfish-1" }],
    ["it has less than eight characters", { API_KEY: "swordfi" }],
    ["it is not set", { API_KEY: undefined }],
  ])("but not where %s", (_, env) => {
    expect(new Secrets(env).redact("swordfish-1")).toBe("swordfish-1");
  });
});

it("the log keeps a secret of a session when an older use of it that was forgotten ends", () => {
  const secrets = new Secrets({});
  const env = { A_TOKEN: "shared-secret-0123456789" };
  const older = secrets.ofSession(env);
  for (let n = 0; n < 1000; n++) secrets.ofSession({ A_TOKEN: `another-secret-${n}` });
  using _newer = secrets.ofSession(env);
  older[Symbol.dispose]();
  expect(secrets.log.redact("it is shared-secret-0123456789")).toBe("it is [redacted]");
});

it("data that contains itself is redacted", () => {
  const secrets = new Secrets({ API_KEY: "swordfish-1" });
  const error: Error & { request?: object } = new Error("it is swordfish-1");
  error.request = { errors: [error] };
  const list: unknown[] = ["swordfish-1"];
  list.push(list);
  expect(secrets.redactIn(error)).toMatchObject({
    message: "it is [redacted]",
    request: { errors: ["[circular]"] },
  });
  expect(secrets.redactIn(list)).toEqual(["[redacted]", "[circular]"]);
});

it("a secret is found as JSON and addresses have it, and line by line", () => {
  const secrets = new Secrets({ A_SECRET: 'a "b" \\ c/d', A_KEY: "first line\nsecond line\r\n" });
  const text = JSON.stringify({ at: 'a "b" \\ c/d' });
  expect(JSON.parse(secrets.redact(text))).toEqual({ at: "[redacted]" });
  expect(secrets.redact(encodeURIComponent('a "b" \\ c/d'))).toBe("[redacted]");
  expect(secrets.redact("1 first line 2\n3 second line")).toBe("1 [redacted] 2\n3 [redacted]");
});

it("of two secrets, one of which is a part of the other, nothing is left", () => {
  const secrets = new Secrets({ A_KEY: "swordfish", B_KEY: "swordfish-and-chips" });
  expect(secrets.redact("swordfish-and-chips swordfish")).toBe("[redacted] [redacted]");
});

it("the beginning of a secret is taken away where a text was cut within it", () => {
  const secrets = new Secrets({ A_KEY: "0123456789abcdef" });
  expect(secrets.redact("so 0123456789ab")).toBe("so [redacted]");
  expect(secrets.redact("so 01234567")).toBe("so [redacted]");
  expect(secrets.redact("so 0123456789ab, no")).toBe("so 0123456789ab, no");
});

it("what sessions bring is known, of many the newest, and always what is the daemon's own", () => {
  const secrets = new Secrets({ OWN_KEY: "of-the-daemon" });
  for (let n = 0; n < 1_001; n++) secrets.add({ SESSION_TOKEN: `session-${n}.` });
  // It is used again.
  secrets.add({ SESSION_TOKEN: "session-1." });
  secrets.add({ SESSION_TOKEN: "session-last." });
  expect(secrets.redact("session-0.")).toBe("session-0.");
  expect(secrets.redact("session-1. session-1000. session-last.")).toBe(
    "[redacted] [redacted] [redacted]",
  );
  expect(secrets.redact("of-the-daemon")).toBe("[redacted]");
});

describe("what looks like a secret is one", () => {
  it.each([
    ["key: sk-ant-api03-abcdefgh, no", "key: [redacted], no"],
    ["sk-proj-abc_def-123456", "[redacted]"],
    [`sk-${"a1".repeat(16)}`, "[redacted]"],
    [`ghp_${"a1".repeat(18)}`, "[redacted]"],
    [`github_pat_${"a1".repeat(18)}`, "[redacted]"],
    ["sgamp_user_01ABCDEF", "[redacted]"],
    ["AKIAIOSFODNN7EXAMPLE", "[redacted]"],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln", "[redacted]"],
    ["Authorization: Bearer abc.DEF-123_456", "Authorization: Bearer [redacted]"],
    ["authorization: basic dXNlcjpwYXNz=", "authorization: basic [redacted]"],
    ["https://joe:pw@example.com/x", "https://[redacted]@example.com/x"],
    ["postgres://joe:p%40w@db:5432/x", "postgres://[redacted]@db:5432/x"],
    ["https://0123456789abcdef@example.com", "https://[redacted]@example.com"],
    ["GET /x?api_key=abc&n=1", "GET /x?api_key=[redacted]&n=1"],
    ["?access_token=abc", "?access_token=[redacted]"],
    ['{"x-api-key":"abcdefgh1"}', '{"x-api-key":"[redacted]"}'],
    ["MY_API_KEY=abcdefgh1", "MY_API_KEY=[redacted]"],
    ["DB_PASSWORD: 'hunter22'", "DB_PASSWORD: '[redacted]'"],
  ])("%s", (text, redacted) => expect(none().redact(text)).toBe(redacted));

  it.each([
    "invalid x-api-key",
    "a bearer authentication is needed",
    "Basic authentication failed",
    "Unexpected token: something else",
    "https://example.com/a@b?page=2",
    "ssh://git@example.com/x",
    "risk-assessment-of-the-whole-project, task-proj-abcdefghijk",
    "max_tokens=4096, secret: none",
    "eyJ",
  ])("but this is none: %s", (text) => expect(none().redact(text)).toBe(text));

  it("stays JSON where it is in JSON", () => {
    const said = [
      'a key=abc"d',
      "https://joe:pw\\@x",
      '?token=abc\\"',
      "MY_API_KEY='ab\"cdefgh1\\n'",
      "Bearer abcdefg1\n",
    ];
    for (const text of said) {
      expect(() => JSON.parse(none().redact(JSON.stringify({ text }))), text).not.toThrow();
    }
  });
});

it("data without secrets is given as it is, and other data as a copy without them", () => {
  const secrets = new Secrets({ A_KEY: "swordfish" });
  const whole = { a: [1, "two", null, { three: true }] };
  expect(secrets.redactIn(whole)).toBe(whole);
  const data = { message: "swordfish", n: 1, deep: [{ at: "/swordfish/x" }] };
  expect(secrets.redactIn(data)).toEqual({
    message: "[redacted]",
    n: 1,
    deep: [{ at: "/[redacted]/x" }],
  });
  expect(data.message).toBe("swordfish");
});

describe("the secrets of a session", () => {
  const short = { A_TOKEN: "swordfish" };
  const long = { A_TOKEN: "swordfish-and-many-chips" };

  it("apply to its own texts and not to those of others", () => {
    const secrets = new Secrets({ OWN_KEY: "of-the-daemon" });
    using session = secrets.ofSession(short);
    using other = secrets.ofSession({});
    expect(session.redact("swordfish, of-the-daemon")).toBe("[redacted], [redacted]");
    expect(other.redact("swordfish, of-the-daemon")).toBe("swordfish, [redacted]");
    expect(secrets.redact("swordfish")).toBe("swordfish");
  });

  it("apply to the log from 16 characters on, until the session is deleted", () => {
    const secrets = new Secrets({});
    const first = secrets.ofSession({ ...long, B_KEY: "swordfish" });
    const second = secrets.ofSession(long);
    expect(secrets.log.redact(`swordfish, ${long.A_TOKEN}`)).toBe("swordfish, [redacted]");
    first[Symbol.dispose]();
    expect(secrets.log.redact(long.A_TOKEN)).toBe("[redacted]");
    second[Symbol.dispose]();
    expect(secrets.log.redact(long.A_TOKEN)).toBe(long.A_TOKEN);
  });

  it("are bounded to 1 MiB", () => {
    const secrets = new Secrets({});
    const value = "x".repeat(1024 * 1024);
    using session = secrets.ofSession({ A_KEY: value, B_KEY: "swordfish" });
    expect(session.redact("swordfish")).toBe("swordfish");
    expect(session.redact(`a ${value}`)).toBe("a [redacted]");
  });
});

it("sessions without secrets of their own share the memory of the search", () => {
  const secrets = new Secrets({ A_KEY: "swordfish" });
  const sessions = Array.from({ length: 100 }, () => secrets.ofSession({ HOME: "/home/dev" }));
  const before = arrayBufferBytes();
  for (const { redact } of sessions) expect(redact("it is swordfish")).toBe("it is [redacted]");
  expect(arrayBufferBytes() - before).toBeLessThan(sessions.length * 1024);
});

describe("many secrets", () => {
  it("with the same beginning are distinguished, and the longest one counts", () => {
    const keys = Array.from({ length: 500 }, (_, n) => `beginning-${n}`);
    const secrets = new Secrets(Object.fromEntries(keys.map((key, n) => [`KEY_${n}`, key])));
    expect(secrets.redact("beginning-7, beginning-499, beginning-x")).toBe(
      "[redacted], [redacted], beginning-x",
    );
    expect(secrets.redact("beginning-4999")).toBe("[redacted]9");
  });

  it("that overlap leave nothing of each other", () => {
    const secrets = new Secrets({ A_KEY: "abcdefghIJ", B_KEY: "efghIJklmnopqr" });
    expect(secrets.redact("1 abcdefghIJklmnopqr 2")).toBe("1 [redacted] 2");
  });

  it("that are long are found to their end, also where the text was cut", () => {
    const key = Array.from({ length: 400 }, (_, n) => `part-${n}`).join(".");
    const secrets = new Secrets({ A_KEY: key });
    expect(secrets.redact(`1 ${key} 2`)).toBe("1 [redacted] 2");
    expect(secrets.redact(`1 ${key.slice(0, 500)}`)).toBe("1 [redacted]");
    expect(secrets.redact(`1 ${key.slice(0, 20)}`)).toBe("1 [redacted]");
  });
});
