import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { ContentPart } from "../../src/schema/content.ts";
import type { UniversalEvent } from "../../src/schema/event.ts";
import type { AgentDaemon, OpenSession, SessionBody } from "./agent-daemon.ts";
import type { LiveSession } from "./live-session.ts";

/** A session that several tests use one after the other, so that its agent starts once. */
interface SharedSession {
  readonly session: LiveSession;
  readonly directory: string;
}

/**
 * Opens a session before the tests of a file or a `describe`, and ends it after them with the checks
 * of `AgentDaemon.session`.
 */
export function shareSession<M extends AsyncDisposable>(
  agent: () => AgentDaemon<M>,
  body: SessionBody = {},
): SharedSession {
  let opened: OpenSession | undefined;
  beforeAll(async () => {
    opened = await agent().open(body);
  });
  // Messages of the next test would wait for the turn of a test that failed.
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await opened?.session.interrupt();
  });
  afterAll(async () => {
    await opened?.finish();
  });
  const get = () => opened ?? expect.fail("the shared session is not open");
  return {
    get session() {
      return get().session;
    },
    get directory() {
      return get().directory;
    },
  };
}

/** The events of a session after the construction, with the accessors of `LiveSession`. */
export class LaterEvents {
  readonly #session: LiveSession;
  readonly #after: number;

  constructor(session: LiveSession) {
    this.#session = session;
    this.#after = session.events.at(-1)?.sequence ?? 0;
  }

  of<T extends UniversalEvent["type"]>(type: T): Extract<UniversalEvent, { type: T }>[] {
    return this.#session.of(type).filter(({ sequence }) => sequence > this.#after);
  }

  /** Waits for a later event of a type that is accepted. */
  until<T extends UniversalEvent["type"]>(
    type: T,
    accept: (event: Extract<UniversalEvent, { type: T }>) => boolean = () => true,
  ): Promise<Extract<UniversalEvent, { type: T }>> {
    const isLater = ({ sequence }: { sequence: number }) => sequence > this.#after;
    return this.#session.until(type, (event) => isLater(event) && accept(event));
  }

  items() {
    return this.of("item.completed").map(({ data }) => data.item);
  }

  parts<T extends ContentPart["type"]>(type: T): Extract<ContentPart, { type: T }>[] {
    return this.items()
      .flatMap(({ content }): ContentPart[] => content)
      .filter((part): part is Extract<ContentPart, { type: T }> => part.type === type);
  }

  said(): string[] {
    return this.items()
      .filter(({ role }) => role === "assistant")
      .flatMap(({ content }) =>
        content.flatMap((part) => (part.type === "text" ? [part.text] : [])),
      );
  }

  results() {
    return this.parts("tool_result");
  }

  statusLabels(): string[] {
    return this.parts("status").map(({ label }) => label);
  }
}
