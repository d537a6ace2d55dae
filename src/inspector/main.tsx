import { render } from "preact";
import { keep, readKept, readLink, settingsFrom } from "./address.ts";
import { App } from "./app.tsx";
import { Daemon } from "./connection/daemon.ts";
import { Whereabouts } from "./place.ts";

// The page is served below `/ui/` of its daemon, whatever a proxy puts before that.
const root = new URL(".", document.baseURI).href;
const own = new URL("..", root).href.replace(/\/$/, "");

const { given, clean } = readLink(location.href);
// At once: no token is to stay in the address bar, in the history, or in what is bookmarked.
if (clean !== location.href) history.replaceState(null, "", clean);
const settings = settingsFrom(own, given, readKept(sessionStorage));
keep(sessionStorage, settings);

const place = document.getElementById("inspector");
const daemon = new Daemon(settings, location.origin);
if (place) render(<App daemon={daemon} where={new Whereabouts(root)} />, place);
