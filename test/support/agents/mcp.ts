import { join } from "node:path";

/** How the server of tools `tiny` is started, which has `echo`, `fail` and `draw`. */
export const tinyServer = {
  command: process.execPath,
  args: [join(import.meta.dirname, "../../fixtures/bin/mcp-server.mjs")],
};
