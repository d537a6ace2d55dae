import { type ReadonlySignal, signal } from "@preact/signals";

/** What of the page is seen; its address names it. */
export type Place =
  | { page: "sessions" }
  | { page: "session"; sessionId: string }
  | { page: "new" }
  | { page: "agents" }
  | { page: "requests" };

/** The place that a path below the page's root names. */
export function placeOf(path: string): Place {
  const [first = "", second = ""] = path.split("/");
  if (first === "sessions" && second !== "") {
    return { page: "session", sessionId: decoded(second) };
  }
  if (first === "new" || first === "agents" || first === "requests") return { page: first };
  return { page: "sessions" };
}

/** The path of a place, below the page's root. */
export function pathTo(place: Place): string {
  switch (place.page) {
    case "sessions":
      return "";
    case "session":
      return `sessions/${encodeURIComponent(place.sessionId)}`;
    case "new":
    case "agents":
    case "requests":
      return place.page;
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Where a person is in the page, which the address bar and its history follow. */
export class Whereabouts {
  readonly #root: string;
  readonly #place = signal<Place>({ page: "sessions" });

  /** `root` is the address that every path is below. */
  constructor(root: string) {
    this.#root = root;
    this.#read();
    addEventListener("popstate", () => this.#read());
  }

  get place(): ReadonlySignal<Place> {
    return this.#place;
  }

  addressOf(place: Place): string {
    return `${this.#root}${pathTo(place)}`;
  }

  go(place: Place): void {
    const address = this.addressOf(place);
    if (address !== location.href) history.pushState(null, "", address);
    this.#place.value = place;
  }

  #read(): void {
    const { origin, pathname } = location;
    this.#place.value = placeOf(`${origin}${pathname}`.slice(this.#root.length));
  }
}
