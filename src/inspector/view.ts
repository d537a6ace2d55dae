import type { Daemon } from "./connection/daemon.ts";
import type { Whereabouts } from "./place.ts";

/** What a person has before him: a daemon, and where he is in its page. */
export interface View {
  daemon: Daemon;
  where: Whereabouts;
}
