import type { OpencodeHttp } from "./http.ts";
import { mcpServers } from "./mcp.ts";
import { configured } from "./models.ts";

/**
 * Lets the server open a directory, with its providers and its servers of tools, which it would do
 * for the first message there: an abort meanwhile makes every later message in that directory fail
 * with "All fibers interrupted", or without a word (1.18.33). Gives the names of the MCP servers.
 */
export async function openDirectory(http: OpencodeHttp, directory: string): Promise<string[]> {
  const [config] = await Promise.all([
    http.request("GET", "/config", { directory }),
    configured(http, directory),
    http.request("GET", "/mcp", { directory }),
  ]);
  return mcpServers(config);
}
