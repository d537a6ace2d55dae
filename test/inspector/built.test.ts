import { readFile } from "node:fs/promises";
import { brotliDecompressSync, gzipSync } from "node:zlib";
import { beforeAll, expect, it } from "vitest";
import { buildInspector } from "../../scripts/build-inspector.ts";
import { inspectorFiles } from "../../src/cli/inspector-files.ts";

const LIMIT_BYTES = 150_000;
let files: { path: string; brotli: Buffer; plain: Buffer }[];

beforeAll(async () => {
  await buildInspector();
  files = ((await inspectorFiles()) ?? []).map(({ path, brotli }) => {
    const bytes = Buffer.from(brotli, "base64");
    return { path, brotli: bytes, plain: brotliDecompressSync(bytes) };
  });
});

const sum = (sizes: number[]) => sizes.reduce((total, size) => total + size, 0);

it("all of it takes at most 150 KB on its way, however it is compressed", () => {
  expect(files.length).toBeGreaterThan(2);
  expect(sum(files.map(({ brotli }) => brotli.length))).toBeLessThan(LIMIT_BYTES);
  const gzipped = files.map(({ plain }) => gzipSync(plain, { level: 9 }).length);
  expect(sum(gzipped)).toBeLessThan(LIMIT_BYTES);
});

it("its files but the page itself have names that change with their contents", () => {
  const names = files.map(({ path }) => path).filter((path) => path !== "index.html");
  for (const name of names) expect(name).toMatch(/^assets\/[\w.-]+-[\w-]{8}\.(js|css|svg)$/);
});

it("the page has no script and no style within it, which its policy would refuse", () => {
  const html = files.find(({ path }) => path === "index.html")?.plain.toString() ?? "";
  expect(html).toContain('<base href="./"');
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/);
  expect(html).not.toMatch(/https?:/);
});

it("is built once for the same sources", async () => {
  const path = new URL("../../src/inspector/built.js", import.meta.url);
  const before = await readFile(path, "utf8");
  expect(await buildInspector()).toEqual({ files: files.length, built: false });
  expect(await readFile(path, "utf8")).toBe(before);
});
