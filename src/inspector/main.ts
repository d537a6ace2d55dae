import { keep, otherDaemon, readKept, readLink, settingsFrom } from "./address.ts";
import { Daemon } from "./connection/daemon.ts";
import { Whereabouts } from "./place.ts";
import { Ahead } from "./session/ahead.ts";

// The page is served below `/ui/` of its daemon, whatever a proxy puts before that.
const root = new URL(".", document.baseURI).href;
const own = new URL("..", root).href.replace(/\/$/, "");

const { given, clean } = readLink(location.href);
// At once: no token is to stay in the address bar, in the history, or in what is bookmarked.
if (clean !== location.href) history.replaceState(null, "", clean);
const kept = readKept(sessionStorage);
const other = otherDaemon(own, given, kept);
// Until the person agrees, nothing of the link is kept and its daemon is not asked for anything.
const isWanted =
  other === undefined || (await (await import("./show.tsx")).askAboutLink({ other, own }));
const settings = settingsFrom(own, isWanted ? given : {}, kept);
keep(sessionStorage, settings);

const daemon = new Daemon(settings, location.origin);
const where = new Whereabouts(root);
const ahead = new Ahead();
const place = where.place.peek();
if (place.page === "session") ahead.read(daemon.client.peek(), place.sessionId);

// What draws is the most of the page: it comes while the daemon answers.
const { show } = await import("./show.tsx");
show({ daemon, where, ahead });
