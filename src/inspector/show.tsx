import { render } from "preact";
import { App } from "./app.tsx";
import type { FirstView } from "./view.ts";

/** Draws the page into its document. */
export function show(view: FirstView): void {
  const place = document.getElementById("inspector");
  if (place) render(<App {...view} />, place);
}
