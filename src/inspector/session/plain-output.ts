// Colours and movements of a terminal, which a page has not.
// oxlint-disable-next-line no-control-regex
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

/** What a command has printed, as text: of a line that was written over, its last form. */
export function plainOutput(text: string): string {
  return text
    .replaceAll(ESCAPES, "")
    .replaceAll("\r\n", "\n")
    .replaceAll(/[^\n\r]*\r(?=[^\n])/g, "");
}
