import { registerHooks } from "node:module";

const entries = {
  "sandbox-agent": new URL("../../src/index.ts", import.meta.url).href,
  "sandbox-agent/persist": new URL("../../src/persist/index.ts", import.meta.url).href,
};

registerHooks({
  resolve(specifier, context, next) {
    const url = entries[specifier];
    return url === undefined ? next(specifier, context) : { url, shortCircuit: true };
  },
});
