import { options } from "preact";
import {
  cutText,
  restMark,
  type TextKind,
  visiblePieces,
  visibleText,
} from "../io/visible-text.ts";

/** Attributes that a browser or a screen reader presents as text. */
const LABELS = ["title", "aria-label", "alt", "placeholder", "label"] as const;
/** Code points beyond this number are not marked one by one. */
const MOST_PIECES = 2_000;

/**
 * Passes each text and label of the page through `visibleText` as code, so that no component can
 * leave it out. `Shown` draws the other kinds of text. Called once, before the first drawing.
 */
export function makeVisible(): void {
  const before = options.vnode?.bind(options);
  options.vnode = (vnode) => {
    const { type, props }: { type: unknown; props: unknown } = vnode;
    if (typeof props === "string") {
      // Preact gives a text no type. It becomes an element only if a character is replaced.
      if (visibleText(props, "code") !== props) {
        Object.assign(vnode, { type: Shown, props: { text: props, kind: "code" } });
      }
    } else if (typeof type === "string") labelVisibly(props);
    before?.(vnode);
  };
}

function labelVisibly(props: unknown): void {
  if (typeof props !== "object" || props === null) return;
  const labels: Record<string, string> = {};
  for (const [name, value] of Object.entries(props) as [string, unknown][]) {
    if (typeof value !== "string" || !LABELS.some((label) => label === name)) continue;
    labels[name] = visibleText(value, "name");
  }
  Object.assign(props, labels);
}

interface ShownProps {
  text: string;
  kind: TextKind;
  /** Number of characters to draw at most. */
  most?: number;
}

/** A foreign text. Code points that stand for characters differ from typed text by their looks. */
export function Shown({ text, kind, most = Infinity }: ShownProps) {
  const { shown, rest } = cutText(text, most);
  const isPlain = visibleText(text, kind === "name" ? "name" : "code") === text;
  if (isPlain && rest === "") return <>{text}</>;
  return (
    <>
      {boundedPieces(shown, kind).map(({ text, isCodePoint }, index) => (
        // As a property the text is not looked at again.
        <span key={index} class={isCodePoint ? "code-point" : ""} {...{ textContent: text }} />
      ))}
      {rest !== "" && <span class="rest">{restMark(rest.length)}</span>}
    </>
  );
}

/** The same as nodes of a document, for text that is not drawn by components. */
export function visibleNodes(text: string, kind: TextKind): Node[] {
  return boundedPieces(text, kind).map(({ text, isCodePoint }) => {
    if (!isCodePoint) return document.createTextNode(text);
    const mark = document.createElement("span");
    mark.className = "code-point";
    mark.textContent = text;
    return mark;
  });
}

function boundedPieces(text: string, kind: TextKind) {
  const pieces = visiblePieces(text, kind);
  const rest = pieces.splice(MOST_PIECES);
  if (rest.length === 0) return pieces;
  return [...pieces, { text: rest.map(({ text }) => text).join(""), isCodePoint: false }];
}
