import type { SandboxAgentClient } from "../../sdk/client.ts";
import { SessionView } from "./session-view.ts";

/** The session that the page's address names: read while that which draws it is still on its way. */
export class Ahead {
  #client: SandboxAgentClient | undefined;
  #view: SessionView | undefined;

  read(client: SandboxAgentClient, sessionId: string): void {
    this.#client = client;
    this.#view = new SessionView(client, sessionId);
    void this.#view.feed.run();
  }

  /** Gives away what has been read, where it is of this session; whoever takes it closes it. */
  take(client: SandboxAgentClient, sessionId: string): SessionView | undefined {
    const view = this.#view;
    if (client !== this.#client || view?.session.id !== sessionId) return undefined;
    this.#view = undefined;
    return view;
  }

  /** Reads no further what nobody has taken. */
  drop(): void {
    this.#view?.feed.close();
    this.#view = undefined;
  }
}
