import { expect, it } from "vitest";
import { startDaemon } from "../support/daemon.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { shippedEntry } from "./entry.ts";

const entry = shippedEntry();

it("serves the inspector: its page, and every file that this names", async () => {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home, entry, args: ["--token", "secret"] });
  const page = await fetch(`${daemon.url}/ui`);
  expect(page.url).toBe(`${daemon.url}/ui/`);
  const html = await page.text();
  const named = [...html.matchAll(/(?:src|href)="(\.\/assets\/[^"]+)"/g)].map(
    ([, path = ""]) => path,
  );
  expect(named.some((path) => path.endsWith(".js"))).toBe(true);
  expect(named.some((path) => path.endsWith(".css"))).toBe(true);
  for (const path of named) {
    const file = await fetch(new URL(path, page.url), { headers: { "accept-encoding": "br" } });
    expect([path, file.status]).toEqual([path, 200]);
    expect(file.headers.get("cache-control")).toContain("immutable");
    expect(file.headers.get("content-encoding")).toBe("br");
    expect((await file.text()).length).toBeGreaterThan(1_000);
  }
  const deep = await (await fetch(`${daemon.url}/ui/sessions/one`)).text();
  expect(deep).toBe(html.replace('<base href="./"', '<base href="../"'));
});
