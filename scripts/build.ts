import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { buildInspector, builtInspector } from "./build-inspector.ts";

// Compiles src/ into dist/, whose main.js runs on every Node that package.json names.
const folder = process.argv[2] ?? "dist";
await rm(folder, { recursive: true, force: true });
await execa("tsc", ["-p", "tsconfig.build.json", "--outDir", folder], {
  preferLocal: true,
  stdio: "inherit",
});
await chmod(join(folder, "main.js"), 0o755);
await buildInspector();
await mkdir(join(folder, "inspector"));
await copyFile(builtInspector, join(folder, "inspector/built.js"));
for (const file of await readdir(folder, { recursive: true })) {
  if (file.endsWith(".d.ts")) await nameCompiledFiles(join(folder, file));
}

/** The compiler leaves `.ts` in the imports of declarations, which some tools cannot resolve. */
async function nameCompiledFiles(path: string): Promise<void> {
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replaceAll(/(["'])(\.{1,2}\/[^"']+)\.ts\1/g, "$1$2.js$1"));
}
