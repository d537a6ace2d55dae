import { type FileHandle, open } from "node:fs/promises";
import type { Platform } from "../agents/recipe.ts";

/** What kind of program a file is, as far as the system looks at it before it runs it. */
export type ExecutableFormat =
  /** `loader` is the program that loads it; undefined for one that needs none. */
  | { kind: "program"; os: Platform["os"]; cpus: string[]; loader?: string }
  | { kind: "script"; interpreter: string }
  | { kind: "unknown" };

const HEAD_BYTES = 4096;
const LOADER_SEGMENT = 3;
const LOADER_BYTES = 4096;
const MAX_BYTES = 64 * 1024;
const ELF_CPUS: Record<number, string> = { 62: "x64", 183: "arm64", 3: "x86", 40: "arm" };
const MACH_CPUS: Record<number, string> = { 0x01000007: "x64", 0x0100000c: "arm64" };
const PE_CPUS: Record<number, string> = { 0x8664: "x64", 0xaa64: "arm64", 0x14c: "x86" };

/** Reads what tells the kind of a file; rejects where it cannot be read. */
export async function readFormat(path: string): Promise<ExecutableFormat> {
  await using file = await open(path);
  const head = await readAt(file, 0, HEAD_BYTES);
  try {
    return await formatOf(file, head);
  } catch (error) {
    // Cut off in the middle of what its beginning promises.
    if (error instanceof RangeError) return { kind: "unknown" };
    throw error;
  }
}

/** What a file says of itself may be anything: the runtime aborts for a length that is not one. */
async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  if (!Number.isSafeInteger(position) || length > MAX_BYTES) throw new RangeError("too far away");
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

async function formatOf(file: FileHandle, head: Buffer): Promise<ExecutableFormat> {
  const begin = head.subarray(0, 4).toString("latin1");
  if (begin.startsWith("#!")) {
    const [line = ""] = head.subarray(2).toString("utf8").split("\n");
    return { kind: "script", interpreter: line.trim() };
  }
  if (begin === "\x7fELF") return await elf(file, head);
  if (begin.startsWith("MZ")) return pe(head);
  const magic = head.readUInt32BE(0);
  // Bytes the other way round: a program of 64 bits for the CPUs that there are today.
  if (magic === 0xcffaedfe) return mach([head.readUInt32LE(4)]);
  if (magic !== 0xcafebabe) return { kind: "unknown" };
  const count = Math.min(head.readUInt32BE(4), 16);
  return mach(Array.from({ length: count }, (_, index) => head.readUInt32BE(8 + index * 20)));
}

async function elf(file: FileHandle, head: Buffer): Promise<ExecutableFormat> {
  const isBig = head.readUInt8(5) === 2;
  const is64 = head.readUInt8(4) === 2;
  const cpu = nameOf(ELF_CPUS, isBig ? head.readUInt16BE(18) : head.readUInt16LE(18));
  const program = { kind: "program" as const, os: "linux" as const, cpus: [cpu] };
  // Of another word size or byte order it is foreign anyway, whatever loads it.
  if (isBig || !is64) return program;
  const size = head.readUInt16LE(54);
  const count = head.readUInt16LE(56);
  const segments = await readAt(file, Number(head.readBigUInt64LE(32)), size * count);
  for (let at = 0; at < size * count; at += size) {
    if (segments.readUInt32LE(at) !== LOADER_SEGMENT) continue;
    const length = Math.min(Number(segments.readBigUInt64LE(at + 32)), LOADER_BYTES);
    const text = await readAt(file, Number(segments.readBigUInt64LE(at + 8)), length);
    return { ...program, loader: text.toString("utf8").replace(/\0.*$/s, "") };
  }
  return program;
}

function pe(head: Buffer): ExecutableFormat {
  const machine = head.readUInt16LE(head.readUInt32LE(60) + 4);
  return { kind: "program", os: "win32", cpus: [nameOf(PE_CPUS, machine)] };
}

function mach(cpus: number[]): ExecutableFormat {
  return { kind: "program", os: "darwin", cpus: cpus.map((cpu) => nameOf(MACH_CPUS, cpu)) };
}

function nameOf(names: Record<number, string>, code: number): string {
  return names[code] ?? `another processor (${code})`;
}
