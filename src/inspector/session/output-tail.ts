/** The output of a tool as it grows: what is looked at is its end, which costs no more the longer it is. */
export class OutputTail {
  #pieces: string[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(text: string): void {
    this.#pieces.push(text);
    this.#length += text.length;
  }

  replace(text: string): void {
    this.#pieces = text === "" ? [] : [text];
    this.#length = text.length;
  }

  /** At most so many of the last characters; from the start of a line where something is left out. */
  last(characters: number): string {
    let found = 0;
    let from = this.#pieces.length;
    while (from > 0 && found < characters) found += this.#pieces[--from]?.length ?? 0;
    const text = this.#pieces.slice(from).join("");
    if (text.length <= characters) return text;
    const end = text.slice(-characters);
    const line = end.indexOf("\n");
    return line === -1 || line === end.length - 1 ? end : end.slice(line + 1);
  }

  whole(): string {
    const text = this.#pieces.join("");
    this.replace(text);
    return text;
  }
}
