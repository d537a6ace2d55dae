import { execa } from "execa";

// Compiles the single-file executable for linux x64 from the same sources.
const outfile = process.argv[2] ?? "build/sandbox-agent-linux-x64";
const options = [
  "--compile",
  "--target=bun-linux-x64",
  // Bytecode halves the time to the first answer; with it Bun (1.4) would default to cjs, which has
  // no top-level await.
  "--bytecode",
  "--format=esm",
  // Minified code with names and a source map still shows where an error came from.
  "--minify",
  "--keep-names",
  "--sourcemap",
  // Else the executable would take variables and code from the folder in which it is started, and
  // that is a project which nobody has checked.
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
];
await execa("bun", ["build", ...options, "src/main.ts", "--outfile", outfile], {
  preferLocal: true,
  stdio: "inherit",
});
