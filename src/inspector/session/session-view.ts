import { signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { SandboxAgentClient } from "../../sdk/client.ts";
import type { SessionHandle } from "../../sdk/session-handle.ts";
import { problemTrouble, type Trouble } from "../connection/trouble.ts";
import { SessionFeed } from "./session-feed.ts";

/** A message that waits for the turns before it. */
export interface WaitingMessage {
  turnId: string;
  text: string;
}

/** One session on the page: what is read of it, and what the person is looking at. */
export class SessionView {
  readonly feed: SessionFeed;
  readonly session: SessionHandle;
  readonly shown = signal<"conversation" | "events">("conversation");
  /** Only the events that are about this. */
  readonly subject = signal<string | undefined>(undefined);
  /** What the conversation has been moved to, and is marked in it. */
  readonly marked = signal<string | undefined>(undefined);
  /** Why the last thing that the person wanted could not be done. */
  readonly trouble = signal<Trouble | undefined>(undefined);
  readonly waiting = signal<readonly WaitingMessage[]>([]);
  /** What is open or half written in rows that have been scrolled out of sight. */
  readonly folds = new Map<string, boolean>();
  readonly drafts = new Map<string, readonly Chosen[]>();

  constructor(client: SandboxAgentClient, sessionId: string) {
    this.feed = new SessionFeed(client, sessionId);
    this.session = client.session(sessionId);
  }

  /** Does what the person wants; where it fails, the page says why. */
  async attempt(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      this.trouble.value = undefined;
      return true;
    } catch (error) {
      this.trouble.value = problemTrouble(error);
      return false;
    } finally {
      this.feed.refresh();
    }
  }

  showEvents(subject: string): void {
    this.subject.value = subject;
    this.shown.value = "events";
  }

  showInConversation(subject: string): void {
    this.marked.value = subject;
    this.shown.value = "conversation";
  }
}

/** What has been chosen for one part of a question, and what was written instead. */
export interface Chosen {
  labels: readonly string[];
  other: string;
}

const SessionContext = createContext<SessionView | undefined>(undefined);

export const SessionProvider = SessionContext.Provider;

export function useSession(): SessionView {
  const view = useContext(SessionContext);
  if (!view) throw new Error("There is no session around this.");
  return view;
}
