/** Escape sequences of terminals: colours, movements, titles. One without an end loses its start alone. */
const ESCAPES =
  // oxlint-disable-next-line no-control-regex
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]/g;
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\0-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** Returns a text without the escape sequences in it, in linear time. */
export function withoutEscapes(text: string): string {
  return text.replaceAll(ESCAPES, "");
}

/** Returns one line of an output as plain text: without escape sequences and control characters. */
export function plainLine(line: string): string {
  return withoutEscapes(line).replaceAll(CONTROLS, "").replaceAll("\r", " ");
}
