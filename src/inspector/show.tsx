import { type ComponentChild, render } from "preact";
import { App } from "./app.tsx";
import { LinkQuestion } from "./connection/link-question.tsx";
import type { FirstView } from "./view.ts";
import { makeVisible } from "./visible.tsx";

makeVisible();

/** Draws the page into its document. */
export function show(view: FirstView): void {
  draw(<App {...view} />);
}

/** Resolves with whether the person wants to use the daemon that a link names. */
export async function askAboutLink(link: { other: string; own: string }): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  draw(<LinkQuestion {...link} onAnswer={resolve} />);
  return await promise;
}

function draw(page: ComponentChild): void {
  const place = document.getElementById("inspector");
  if (place) render(page, place);
}
