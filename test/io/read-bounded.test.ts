import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBounded } from "../../src/io/read-bounded.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "read-bounded-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe("readBounded", () => {
  it.each([0, 1, 65_535, 65_536, 100_000])("reads a file of %i bytes", async (size) => {
    const path = join(folder, `file-${size}`);
    const bytes = Buffer.alloc(size, "abc");
    await writeFile(path, bytes);
    expect((await readBounded(path, size)).equals(bytes)).toBe(true);
  });

  it("rejects a file that is one byte too large", async () => {
    const path = join(folder, "large");
    await writeFile(path, "12345");
    await expect(readBounded(path, 4)).rejects.toThrow("more than 4 bytes");
  });

  it("reads a file whose reported size is 0", async () => {
    expect((await readBounded("/proc/self/status", 65_536)).toString()).toContain("Pid:");
  });

  it("bounds the read of a file whose reported size is 0", async () => {
    await expect(readBounded("/proc/self/status", 16)).rejects.toThrow("more than 16 bytes");
  });

  it("rejects a named pipe without waiting for a writer", async () => {
    const path = join(folder, "pipe");
    execFileSync("mkfifo", [path]);
    await expect(readBounded(path, 1024)).rejects.toThrow("is not a regular file");
  });

  it.each(["/dev/zero", "/"])("rejects %s, which is not a regular file", async (path) => {
    await expect(readBounded(path, 1024)).rejects.toThrow("is not a regular file");
  });

  it("rejects a missing file with the system's error", async () => {
    await expect(readBounded(join(folder, "missing"), 1)).rejects.toMatchObject({ code: "ENOENT" });
  });
});
