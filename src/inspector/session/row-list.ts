import type { Draft, Row, ToolRow } from "./rows.ts";

/** The rows of a conversation, those below tool calls too: their keys, places and versions. */
export class RowList {
  readonly #rows: Row[];
  /** The first row of each subject. */
  readonly #bySubject = new Map<string, Row>();
  #keys: number;

  /** The rows have the keys behind `keys`. */
  constructor(rows: Row[], keys: number) {
    this.#rows = rows;
    this.#keys = keys;
  }

  find(subject: string): Row | undefined {
    return this.#bySubject.get(subject);
  }

  /** A subject that is shown in the row of another. */
  alias(subject: string, row: Row): void {
    if (!this.#bySubject.has(subject)) this.#bySubject.set(subject, row);
  }

  /** Adds a row at the end; below a tool call where one is given. */
  add(subject: string, draft: Draft, parent?: ToolRow): Row {
    const row = this.#make(subject, draft, parent);
    this.#listOf(parent).push(row);
    this.#touchParents(row);
    return row;
  }

  /** Adds a row behind another of its subject, whatever has come after that. */
  addAfter(before: Row, draft: Draft): Row {
    const row = this.#make(before.subject, draft, before.parent);
    const list = this.#listOf(before.parent);
    // What grows is near the end.
    list.splice(list.lastIndexOf(before) + 1, 0, row);
    this.#touchParents(row);
    return row;
  }

  /** Takes a row's place, with its key where it is of the same kind. */
  replace(old: Row, draft: Draft): Row {
    const list = this.#listOf(old.parent);
    const row = this.#make(old.subject, draft, old.parent);
    if (row.kind === old.kind) row.key = old.key;
    row.version = old.version + 1;
    list[list.lastIndexOf(old)] = row;
    if (this.#bySubject.get(old.subject) === old) this.#bySubject.set(old.subject, row);
    this.#touchParents(row);
    return row;
  }

  remove(row: Row): void {
    const list = this.#listOf(row.parent);
    list.splice(list.lastIndexOf(row), 1);
    if (this.#bySubject.get(row.subject) === row) this.#bySubject.delete(row.subject);
    this.#touchParents(row);
  }

  /** The row has changed. */
  touch(row: Row): void {
    row.version += 1;
    this.#touchParents(row);
  }

  #make(subject: string, draft: Draft, parent: ToolRow | undefined): Row {
    const row: Row = { ...draft, key: ++this.#keys, version: 0, subject, parent };
    if (!this.#bySubject.has(subject)) this.#bySubject.set(subject, row);
    return row;
  }

  #listOf(parent: ToolRow | undefined): Row[] {
    return parent ? parent.children : this.#rows;
  }

  #touchParents(row: Row): void {
    for (let above = row.parent; above; above = above.parent) above.version += 1;
  }
}
