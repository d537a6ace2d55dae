import { isRecord } from "../json-line.ts";

/** A tool of an MCP server. */
export interface McpTool {
  server: string;
  tool: string;
}

/** The MCP servers that a configuration names. */
export function mcpServers(config: unknown): string[] {
  const named = isRecord(config) ? config["mcp"] : undefined;
  return isRecord(named) ? Object.keys(named) : [];
}

/** OpenCode names such a tool `<server>_<tool>`, with what is no letter, digit, `-` or `_` as `_` (1.18.33). */
export function toMcpTool(name: string, servers: readonly string[]): McpTool | undefined {
  const fitting = servers
    .map((server) => ({ server, prefix: `${server.replaceAll(/[^\w-]/g, "_")}_` }))
    .filter(({ prefix }) => name.startsWith(prefix) && name.length > prefix.length)
    .toSorted((a, b) => b.prefix.length - a.prefix.length);
  const [found] = fitting;
  return found && { server: found.server, tool: name.slice(found.prefix.length) };
}
