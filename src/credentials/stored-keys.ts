import type { KeyFile, KeyStore, Places, StoredKey } from "../agents/key-store.ts";
import { ChangedFiles } from "./changed-files.ts";

/** A key with the place where it was found. */
export interface FoundKey extends StoredKey {
  source: string;
}

/** Reads what agents have stored; a file is parsed again only when it has changed. */
export class StoredKeys {
  readonly #places: Places;
  readonly #files = new Map<KeyFile, ChangedFiles<StoredKey[]>>();
  readonly #settings = new Map<KeyStore, ChangedFiles<boolean>>();

  constructor(places: Places) {
    this.#places = places;
  }

  /** The keys of a store, the best ones first, also those that have expired. */
  async of({ source, files }: KeyStore): Promise<FoundKey[]> {
    const keys = await Promise.all(files.map((file) => this.#read(file)));
    return keys.flat().map((key) => ({ ...key, source }));
  }

  /** Whether the user has chosen whom the agent talks to. */
  async hasChosen(store: KeyStore): Promise<boolean> {
    const { variables, inline, files, pattern } = store.choice;
    const { env } = this.#places;
    const set = Object.keys(env).filter((name) => (env[name] ?? "") !== "");
    if (set.some((name) => variables.test(name))) return true;
    if (inline.some((name) => pattern.test(env[name] ?? ""))) return true;
    const settings =
      this.#settings.get(store) ?? new ChangedFiles(async (text) => pattern.test(text));
    this.#settings.set(store, settings);
    const told = await Promise.all(files(this.#places).map((path) => settings.read(path)));
    return told.includes(true);
  }

  /** Set-ups of the agent that take the place of a key. Files of a project are not read. */
  async setUps(store: KeyStore): Promise<string[]> {
    const { setUps } = store;
    if (!setUps) return [];
    const texts = await this.settings(store);
    const found = texts.map((text) => setUps.ofSettings(text, this.#places).catch(() => []));
    const all = [await setUps.ofVariables(this.#places.env), ...(await Promise.all(found))];
    return [...new Set(all.flat())];
  }

  /** The texts of the settings in which the user may have chosen. */
  async settings({ choice }: KeyStore): Promise<string[]> {
    const whole = new ChangedFiles(async (text) => text);
    const files = choice.files(this.#places).map((path) => whole.read(path));
    const inline = choice.inline.map((name) => this.#places.env[name]);
    return [...inline, ...(await Promise.all(files))].filter((text) => text !== undefined);
  }

  async #read(file: KeyFile): Promise<StoredKey[]> {
    const places = this.#places;
    const read = async (text: string) => await file.read(JSON.parse(text), places);
    const parsed = this.#files.get(file) ?? new ChangedFiles(read);
    this.#files.set(file, parsed);
    return (await parsed.read(file.path(places))) ?? [];
  }
}

/** Whether a key can still be used. */
export function isValid({ expiresAt }: StoredKey, now: number): boolean {
  return expiresAt === undefined || expiresAt > now;
}
