import { chmod, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

// Compiles src/ into dist/, whose main.js runs on every Node that package.json names.
const folder = process.argv[2] ?? "dist";
await rm(folder, { recursive: true, force: true });
await execa("tsc", ["-p", "tsconfig.build.json", "--outDir", folder], {
  preferLocal: true,
  stdio: "inherit",
});
await chmod(join(folder, "main.js"), 0o755);
