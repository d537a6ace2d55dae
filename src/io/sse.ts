/** Reads a server-sent event stream: the data of each event, comments and all other fields left out. */
export class SseDecoder {
  #rest = "";
  /** The last characters of the rest, in which a blank line may have begun. */
  #end = "";

  /** Takes text as it comes in and gives the data of every event that is complete by then. */
  decode(text: string): string[] {
    const seam = this.#end + text;
    this.#end = seam.slice(-3);
    this.#rest += text;
    // A long event comes in many pieces: what is there of it is not looked through for each of them.
    if (!/\n\r?\n/.test(seam)) return [];
    const blocks = this.#rest.split(/\r?\n\r?\n/);
    // What has no blank line behind it yet may go on; what never gets one was cut off, and is no event.
    this.#rest = blocks.pop() ?? "";
    return blocks.flatMap(dataOf);
  }
}

function dataOf(block: string): string[] {
  const lines = block
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(line[5] === " " ? 6 : 5));
  return lines.length === 0 ? [] : [lines.join("\n")];
}
