import type { Daemon } from "./connection/daemon.ts";
import type { Whereabouts } from "./place.ts";
import type { Ahead } from "./session/ahead.ts";

/** What a person has before him: a daemon, and where he is in its page. */
export interface View {
  daemon: Daemon;
  where: Whereabouts;
}

/** The same as the page begins, with what is read before there is anything to be seen. */
export interface FirstView extends View {
  ahead: Ahead;
}
