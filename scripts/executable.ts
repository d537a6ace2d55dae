import { compile } from "./compile.ts";
import { targets } from "./targets.ts";

// Compiles single-file executables into build/: for linux-x64, or for the platforms that are named.
const named = process.argv.slice(2);
const wanted = named.length === 0 ? ["linux-x64"] : named;
for (const name of wanted.includes("all") ? targets.map(({ name }) => name) : wanted) {
  const target = targets.find((one) => one.name === name);
  if (!target) {
    const known = targets.map(({ name }) => name).join(", ");
    throw new Error(`there is no target ${name}: ${known}, or all`);
  }
  await compile(target, `build/sandbox-agent-${name}`);
}
