import type { Prompt } from "../agent.ts";
import { splitImages } from "../user-message.ts";

/** The input of a turn: images natively, other files named in the text. */
export function toInput(prompt: Prompt): object[] {
  const { images, text } = splitImages(prompt);
  return [...images.map(({ path }) => ({ type: "localImage", path })), textInput(text)];
}

/** A text as an input. */
export function textInput(text: string): object {
  return { type: "text", text, text_elements: [] };
}
