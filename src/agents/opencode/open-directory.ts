import type { OpencodeHttp } from "./http.ts";
import { identifyDirectory } from "../working-directory.ts";
import { mcpServers } from "./mcp.ts";
import { configured } from "./models.ts";
import type { OpencodeServer } from "./server.ts";

/** The directory of a session, opened on the server that runs now. */
export class SessionDirectory {
  readonly #server: OpencodeServer;
  readonly #directory: string;
  readonly #named: { mcpServers: readonly string[] };
  /** The server and the directory that were opened, by their identities. */
  #opened = "";

  /** The names of the directory's MCP servers are set in `named`. */
  constructor(server: OpencodeServer, directory: string, named: { mcpServers: readonly string[] }) {
    this.#named = named;
    this.#server = server;
    this.#directory = directory;
  }

  /**
   * Returns the connection to a server that has the directory open.
   *
   * @throws NoWorkingDirectory
   */
  async connect(): Promise<OpencodeHttp> {
    const identity = await identifyDirectory(this.#directory);
    const { http, generation } = await this.#server.connect();
    const opened = `${generation} ${identity}`;
    if (opened !== this.#opened) {
      const isNew = await this.#server.directories.renew(http, this.#directory, identity);
      this.#named.mcpServers = await openDirectory(http, this.#directory);
      // Tried again with the next message.
      if (isNew) this.#opened = opened;
    }
    return http;
  }
}

/**
 * Lets the server open a directory, with its providers and its servers of tools, which it would do
 * for the first message there: an abort meanwhile makes every later message in that directory fail
 * with "All fibers interrupted", or without a word (1.18.33). Gives the names of the MCP servers.
 */
async function openDirectory(http: OpencodeHttp, directory: string): Promise<string[]> {
  const [config] = await Promise.all([
    http.request("GET", "/config", { directory }),
    configured(http, directory),
    http.request("GET", "/mcp", { directory }),
  ]);
  return mcpServers(config);
}
