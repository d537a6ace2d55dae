import type { TemporaryHome } from "../support/sandbox.ts";

/** The parts of a recording that differ from run to run because of the place of the run. */
export interface Place {
  /** The home of the run. */
  readonly home: string;
  /** The working directory. */
  readonly work: string;
  /** The temporary folder that holds both. */
  readonly root: string;
  /** The base URL of the scripted model. */
  readonly model: string;
}

/** The place of a run in a temporary home. */
export function placeOf(home: TemporaryHome, model: { readonly url: string }): Place {
  return {
    home: home.dir,
    work: home.work,
    root: home.dir.replace(/\/home$/, ""),
    model: model.url,
  };
}

/** The time that every recording shows, in milliseconds and in the notation of ISO 8601. */
export const TIME_MS = Date.UTC(2026, 0, 1);
export const TIME = new Date(TIME_MS).toISOString();

/** Replaces the folders of a run and the port of its model. */
export function replacePlace(text: string, { home, work, root, model }: Place): string {
  return text
    .replaceAll(work, "/work/project")
    .replaceAll(slug(work), "-work-project")
    .replaceAll(home, "/home/dev")
    .replaceAll(root, "/sandbox")
    .replaceAll(new URL(model).host, "127.0.0.1:9000");
}

/** A path as Claude Code makes the name of a folder of it. */
function slug(path: string): string {
  return path.replaceAll(/[^\w-]/g, "-").replaceAll("_", "-");
}

/** Gives each distinct text a name by the order of its first occurrence. */
export class Numbering {
  readonly #names = new Map<string, string>();
  readonly #name: (number: number) => string;

  constructor(name: (number: number) => string) {
    this.#name = name;
  }

  of(text: string): string {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const name = this.#name(this.#names.size + 1);
    this.#names.set(text, name);
    return name;
  }
}

const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const KEYED_UUID = new RegExp(`"(\\w+)":"(${UUID.source})"`, "g");

/**
 * Numbers the random and the time-ordered UUIDs of a recording. Each of the given keys has numbers of
 * its own, so that one UUID more or less of another kind does not rename the rest.
 */
export function numberUuids(lines: readonly string[], keys: readonly string[]): string[] {
  const groups = new Map<string, number>();
  for (const [, key = "", uuid = ""] of lines.join("\n").matchAll(KEYED_UUID)) {
    if (keys.includes(key) && !groups.has(uuid)) groups.set(uuid, keys.indexOf(key) + 1);
  }
  const numberings = [undefined, ...keys].map(
    (_, group) =>
      new Numbering((number) => `00000000-0000-4000-8${padded(group, 3)}-${padded(number, 12)}`),
  );
  return lines.map((line) =>
    line.replaceAll(UUID, (uuid) => numberings[groups.get(uuid) ?? 0]?.of(uuid) ?? uuid),
  );
}

export function padded(number: number, length: number): string {
  return String(number).padStart(length, "0");
}

/** Replaces members of a JSON value by their key, at any depth; `undefined` leaves one as it is. */
export function replaceMembers(
  value: unknown,
  replacement: (key: string, value: unknown) => unknown,
): unknown {
  if (Array.isArray(value)) return value.map((each) => replaceMembers(each, replacement));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      replacement(key, member) ?? replaceMembers(member, replacement),
    ]),
  );
}
