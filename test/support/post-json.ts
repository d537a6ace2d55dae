import { expect } from "vitest";

/** Posts JSON, whatever comes of it. */
export function postJson(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

/** Posts JSON, which must be accepted. */
export async function post(...request: Parameters<typeof postJson>): Promise<void> {
  const answer = await postJson(...request);
  expect(answer.ok, await answer.text()).toBe(true);
}
