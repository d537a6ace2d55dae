import type { AgentOutput } from "../agent.ts";
import type { ServerGone } from "../shared-server.ts";
import type { ServerEvent } from "./events.ts";
import type { OpencodeHttp } from "./http.ts";
import { shown } from "../foreign.ts";
import { unhandled } from "../json-line.ts";
import { worksIn } from "../left-behind.ts";
import { askMissed } from "./missed.ts";
import type { OpencodeServer } from "./server.ts";
import { Translator } from "./translate.ts";

/** A native session that is heard: the conversation's own, or that of a subagent. */
export interface Heard {
  id: string;
  translator: Translator;
  own: boolean;
}

/** Who hears it. */
interface HearingOptions {
  server: OpencodeServer;
  directory: string;
  /** Receives its own outputs. */
  emit: (output: AgentOutput) => void;
  heard: (event: ServerEvent, heard: Heard) => void;
  /** The stream of events has broken off and is back: some may be missing. */
  resumed: () => void;
  /** `event` is as much as could be read of an event that cannot be handled. */
  unparsed: (output: AgentOutput, event?: ServerEvent) => void;
  gone: (cause: ServerGone) => void;
}

/** Hears what the server says of a conversation, and asks for what was missed. */
export class Hearing {
  readonly #options: HearingOptions;
  readonly #sessions: Heard[] = [];
  readonly #detach: (() => void)[] = [];
  /** What comes while missed events are asked for waits here. */
  #held: [ServerEvent, Heard][] | undefined;

  constructor(options: HearingOptions) {
    this.#options = options;
  }

  /** The native sessions that are heard. */
  get ids(): Set<string> {
    return new Set(this.#sessions.map(({ id }) => id));
  }

  /** Hears one more. */
  begin(session: Heard): void {
    const { server, directory, emit, resumed, unparsed, gone } = this.#options;
    this.#sessions.push(session);
    const detach = server.attach(session.id, {
      heard: (event) => {
        if (this.#held) this.#held.push([event, session]);
        else this.#hear(event, session);
      },
      resumed: () => {
        if (session.own) resumed();
      },
      unparsed: (output, event) => {
        if (session.own) unparsed(output, event);
      },
      gone: (cause, ended) => {
        if (!session.own) return;
        for (const output of ended) emit(output);
        gone(cause);
      },
      // OpenCode does not name the session in the environment of a command (1.18.33).
      owns: (process) => session.own && worksIn(directory)(process),
    });
    this.#detach.push(detach);
  }

  /** Detaches from the server, and ends processes that the commands of the conversation have left behind. */
  async end(): Promise<void> {
    const { server, directory, emit } = this.#options;
    for (const detach of this.#detach.splice(0)) detach();
    using _use = server.use();
    for (const output of await server.endLeftBehind(worksIn(directory))) emit(output);
  }

  /**
   * Tells what the server has said that was not heard, before what comes meanwhile. Gives whether it
   * works, and the requests that it waits for; undefined where it does not say.
   */
  async tellMissed(): Promise<{ busy: boolean; waiting: Set<string> } | undefined> {
    const { current } = this.#options.server;
    if (!current) return undefined;
    this.#held ??= [];
    const waiting = new Set<string>();
    try {
      const own = this.#sessions.filter((session) => session.own);
      const below = this.#sessions.filter((session) => !session.own);
      let busy = false;
      for (const session of [...below, ...own]) {
        const works = await this.#tell(current.http, session, waiting);
        if (session.own) busy = works;
      }
      return { busy, waiting };
    } catch {
      // The server has gone, which its exit tells, or it refuses: what it says next is heard.
      return undefined;
    } finally {
      const held = this.#held;
      this.#held = undefined;
      for (const [event, session] of held) this.#hear(event, session);
    }
  }

  /** A subagent that is introduced by it is told in its place. */
  async #tell(http: OpencodeHttp, session: Heard, waiting: Set<string>): Promise<boolean> {
    const missed = await askMissed(http, this.#options.directory, session);
    session.translator.missed();
    for (const event of [...missed.messages, ...missed.requests]) {
      const known = this.#sessions.length;
      this.#hear(event, session);
      for (const child of this.#sessions.slice(known)) await this.#tell(http, child, waiting);
    }
    for (const { properties } of missed.requests) waiting.add(shown(properties["id"]));
    return missed.busy;
  }

  #hear(event: ServerEvent, session: Heard): void {
    try {
      this.#options.heard(event, session);
    } catch (cause) {
      const { raw } = event;
      this.#options.unparsed(unhandled(cause, "opencode", raw), session.own ? event : undefined);
    }
    for (const [id, call] of session.translator.takeChildren()) {
      const place = { parentNativeId: call, subagent: { id } };
      const translator = new Translator(place, session.translator.files);
      translator.mcpServers = session.translator.mcpServers;
      this.begin({ id, translator, own: false });
    }
  }
}
