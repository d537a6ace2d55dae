/** What of a program for Linux decides whether it can be run here. */
export interface Elf {
  machine: number;
  /** Undefined for a static one. */
  loader?: string;
  /** Where in the file the loader is named. */
  loaderAt?: number;
  /** 1: of 32 bits. */
  wordSize?: number;
  /** 2: the bytes the other way round. */
  byteOrder?: number;
}

/** The beginning of a program for Linux: no more of it than the system looks at. */
export function elf({ machine, loader, loaderAt = 200, wordSize = 2, byteOrder = 1 }: Elf): Buffer {
  const name = Buffer.from(`${loader ?? ""}\0`);
  const file = Buffer.alloc(loaderAt + name.length);
  file.write("\x7fELF", 0, "latin1");
  file.writeUInt8(wordSize, 4);
  file.writeUInt8(byteOrder, 5);
  if (byteOrder === 2) file.writeUInt16BE(machine, 18);
  else file.writeUInt16LE(machine, 18);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(2, 56);
  // A segment of code, then the one that names the loader.
  file.writeUInt32LE(1, 64);
  if (loader === undefined) return file;
  file.writeUInt32LE(3, 64 + 56);
  file.writeBigUInt64LE(BigInt(loaderAt), 64 + 56 + 8);
  file.writeBigUInt64LE(BigInt(name.length), 64 + 56 + 32);
  name.copy(file, loaderAt);
  return file;
}

export const X64 = 62;
export const ARM64 = 183;

/** The beginning of a program for macOS, for one processor or for several. */
export function mach(...cpus: number[]): Buffer {
  const [only = 0] = cpus;
  const file = Buffer.alloc(256);
  if (cpus.length === 1) {
    file.writeUInt32LE(0xfeedfacf, 0);
    file.writeUInt32LE(only, 4);
    return file;
  }
  file.writeUInt32BE(0xcafebabe, 0);
  file.writeUInt32BE(cpus.length, 4);
  for (const [index, cpu] of cpus.entries()) file.writeUInt32BE(cpu, 8 + index * 20);
  return file;
}

/** The beginning of a program for Windows. */
export function pe(machine: number): Buffer {
  const file = Buffer.alloc(256);
  file.write("MZ", 0, "latin1");
  file.writeUInt32LE(128, 60);
  file.write("PE\0\0", 128, "latin1");
  file.writeUInt16LE(machine, 132);
  return file;
}
