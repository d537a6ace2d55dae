import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Platform } from "../../src/agents/recipe.ts";
import { checkPlatform } from "../../src/doctor/platform-check.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { ARM64, elf, mach, pe, X64 } from "./programs.ts";

const LINUX: Platform = { os: "linux", cpu: "x64", libc: "glibc", avx2: true };
const MAC: Platform = { os: "darwin", cpu: "arm64", libc: null, avx2: false };
/** What is on this machine: any file will do. */
const LOADER = "/bin/sh";
const MUSL = "/lib/nowhere/ld-musl-x86_64.so.1";

/** A file, the machine, and what is told of it. */
const cases: [
  title: string,
  file: Buffer | string,
  platform: Platform,
  status: string,
  detail: RegExp,
][] = [
  [
    "a program whose loader is here",
    elf({ machine: X64, loader: LOADER }),
    LINUX,
    "ok",
    /Linux on x64, loaded by \/bin\/sh/,
  ],
  [
    "one that names its loader far behind",
    elf({ machine: X64, loader: LOADER, loaderAt: 90_000 }),
    LINUX,
    "ok",
    /loaded by \/bin\/sh/,
  ],
  ["a static program", elf({ machine: X64 }), LINUX, "ok", /static/],
  [
    "a program for another processor",
    elf({ machine: ARM64, loader: LOADER }),
    LINUX,
    "failed",
    /Linux on arm64, and this is Linux on x64/,
  ],
  ["a program of 32 bits", elf({ machine: 3, wordSize: 1 }), LINUX, "failed", /Linux on x86, and/],
  [
    "a program for an unknown processor",
    elf({ machine: 0x1600, byteOrder: 2 }),
    LINUX,
    "failed",
    /another processor \(5632\)/,
  ],
  [
    "a program for another C library",
    elf({ machine: X64, loader: MUSL }),
    LINUX,
    "failed",
    /built for musl: it needs \/lib\/nowhere/,
  ],
  [
    "a glibc program where there is none",
    elf({ machine: X64, loader: "/nowhere/ld-linux-x86-64.so.2" }),
    LINUX,
    "failed",
    /built for glibc/,
  ],
  [
    "a program for Linux on macOS",
    elf({ machine: ARM64 }),
    MAC,
    "failed",
    /Linux on arm64, and this is macOS on arm64/,
  ],
  ["a program for macOS", mach(0x0100000c), MAC, "ok", /macOS on arm64$/],
  [
    "a program for several processors",
    mach(0x01000007, 0x0100000c),
    MAC,
    "ok",
    /macOS on x64 or arm64/,
  ],
  ["a program for the other Mac", mach(0x01000007), MAC, "failed", /macOS on x64/],
  ["a program for Windows", pe(0x8664), LINUX, "failed", /Windows on x64, and/],
  ["a script", "#!/usr/bin/env node\nrun();\n", LINUX, "ok", /script for \/usr\/bin\/env node/],
  ["a text", "echo hello\n", LINUX, "failed", /neither a program nor a script/],
  ["an empty file", "", LINUX, "failed", /neither/],
  [
    "half a program",
    elf({ machine: X64, loader: LOADER }).subarray(0, 70),
    LINUX,
    "failed",
    /neither/,
  ],
  [
    "a program that promises segments without end",
    Buffer.concat([elf({ machine: X64 }).subarray(0, 54), Buffer.alloc(10, 0xff)]),
    LINUX,
    "failed",
    /neither/,
  ],
];

it.each(cases)("%s", async (_, file, platform, status, detail) => {
  await using home = await temporaryHome();
  const path = join(home.work, "program");
  await writeFile(path, file);
  const check = await checkPlatform(path, platform, "install it again");
  expect(check).toMatchObject({ id: "platform", status, detail: expect.stringMatching(detail) });
  expect(check.cure).toBe(status === "failed" ? "install it again" : undefined);
});

it("a file that cannot be read is not judged", async () => {
  await using home = await temporaryHome();
  const path = join(home.work, "program");
  await writeFile(path, elf({ machine: ARM64 }));
  await chmod(path, 0o111);
  // Root reads everything, but not what is not there.
  const asked = process.getuid?.() === 0 ? join(home.work, "none") : path;
  expect(await checkPlatform(asked, LINUX, "")).toMatchObject({ status: "skipped" });
});
