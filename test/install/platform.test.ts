import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { detectPlatform } from "../../src/install/platform.ts";

const GLIBC_SHELL = { "bin/sh": "\x7fELF.../lib64/ld-linux-x86-64.so.2\0..." };
const MUSL_SHELL = { "bin/sh": "\x7fELF.../lib/ld-musl-x86_64.so.1\0..." };
const STATIC_SHELL = { "bin/sh": "\x7fELF..." };
const GLIBC_LOADER = { "lib64/ld-linux-x86-64.so.2": "" };
const MUSL_LOADER = { "lib/ld-musl-x86_64.so.1": "" };
const AVX2 = { "proc/cpuinfo": "processor\t: 0\nflags\t\t: fpu avx avx2 bmi2\n" };
const NO_AVX2 = { "proc/cpuinfo": "processor\t: 0\nflags\t\t: fpu avx avx2_not\nbugs\t: avx2\n" };

test.each([
  {
    title: "glibc, musl being installed besides",
    files: { ...GLIBC_SHELL, ...MUSL_LOADER, ...AVX2 },
    is: { os: "linux", cpu: "x64", libc: "glibc", avx2: true },
  },
  {
    title: "musl, a glibc shim being installed besides",
    files: { ...MUSL_SHELL, ...GLIBC_LOADER, ...AVX2 },
    is: { os: "linux", cpu: "x64", libc: "musl", avx2: true },
  },
  {
    title: "musl with a static shell",
    files: { ...STATIC_SHELL, ...MUSL_LOADER, ...NO_AVX2 },
    is: { os: "linux", cpu: "x64", libc: "musl", avx2: false },
  },
  {
    title: "no shell, both loaders",
    files: { ...GLIBC_LOADER, ...MUSL_LOADER },
    is: { os: "linux", cpu: "x64", libc: "glibc", avx2: false },
  },
  {
    title: "an empty image",
    files: {},
    is: { os: "linux", cpu: "x64", libc: "glibc", avx2: false },
  },
  {
    title: "arm64",
    cpu: "arm64",
    files: { "lib/ld-musl-aarch64.so.1": "" },
    is: { os: "linux", cpu: "arm64", libc: "musl", avx2: false },
  },
  {
    title: "Apple silicon under Rosetta",
    os: "darwin",
    cpuModel: "VirtualApple @ 2.50GHz",
    files: {},
    is: { os: "darwin", cpu: "arm64", libc: null, avx2: false },
  },
  {
    title: "Windows",
    os: "win32",
    files: {},
    is: { os: "win32", cpu: "x64", libc: null, avx2: false },
  },
  { title: "FreeBSD", os: "freebsd", files: {}, is: undefined },
  { title: "an unknown CPU", cpu: "riscv64", files: {}, is: undefined },
])(
  "the platform is told: $title",
  async ({ files, is, os = "linux", cpu = "x64", cpuModel = "" }) => {
    const root = await mkdtemp(join(tmpdir(), "sa-"));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    }
    expect(detectPlatform({ os, cpu, cpuModel, root })).toEqual(is);
  },
);
