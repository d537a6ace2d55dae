import { useLayoutEffect, useRef } from "preact/hooks";
import DOMPurify from "dompurify";
import { Marked, type Tokens } from "marked";
import { signal } from "@preact/signals";
import { visibleText } from "../../io/visible-text.ts";
import { visibleNodes } from "../visible.tsx";
import type { highlighted } from "./highlight.ts";

/** Colours code; undefined until some has been seen, since it is much, and much has none. */
const colours = signal<typeof highlighted | undefined>(undefined);
let loading: Promise<void> | undefined;

function coloured(code: string, language: string): string {
  const known = colours.peek();
  if (known) return known(code, language);
  loading ??= import("./highlight.ts").then(
    (module) => void (colours.value = module.highlighted),
    // Code can be read without; the next that is seen asks again.
    () => void (loading = undefined),
  );
  return escaped(code);
}

const marked = new Marked({
  gfm: true,
  breaks: false,
  renderer: {
    code({ text, lang = "" }: Tokens.Code): string {
      const [language = ""] = lang.trim().split(/\s/);
      return `<pre><code>${language === "" ? escaped(text) : coloured(text, language)}</code></pre>`;
    },
    // Tags that an agent writes are words about tags.
    html({ text }: Tokens.HTML | Tokens.Tag): string {
      return escaped(text);
    },
    // Nothing is fetched from a place that an agent names.
    image({ href, text }: Tokens.Image): string {
      return `<a href="${escaped(href)}">${escaped(text || href)}</a>`;
    },
    checkbox({ checked }: Tokens.Checkbox): string {
      return checked ? "☑ " : "☐ ";
    },
  },
});

const purify = DOMPurify(window);
purify.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName !== "A") return;
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer nofollow");
});

/** Markdown of an agent as a document that holds nothing but what is to be read. */
function toFragment(text: string): DocumentFragment {
  const fragment = purify.sanitize(marked.parse(text, { async: false }), {
    RETURN_DOM_FRAGMENT: true,
    ALLOWED_TAGS: [
      ..."a p br hr em strong del code pre span blockquote ul ol li".split(" "),
      ..."h1 h2 h3 h4 h5 h6 table thead tbody tr th td".split(" "),
    ],
    ALLOWED_ATTR: ["href", "title", "class", "start", "align"],
    ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  });
  makeTextVisible(fragment);
  return fragment;
}

/** Prose keeps what scripts and emoji need. Code is as likely to be run as to be read. */
function makeTextVisible(fragment: DocumentFragment): void {
  const walker = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  const texts: Node[] = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const node of texts) {
    const isCode = node.parentElement?.closest("code") != null;
    const [first, ...others] = visibleNodes(node.nodeValue ?? "", isCode ? "code" : "prose");
    if (!first || (others.length === 0 && first.nodeValue === node.nodeValue)) continue;
    for (const made of [first, ...others]) node.parentNode?.insertBefore(made, node);
    node.parentNode?.removeChild(node);
  }
  for (const titled of fragment.querySelectorAll("[title]")) {
    titled.setAttribute("title", visibleText(titled.getAttribute("title") ?? "", "name"));
  }
}

/** A text of Markdown. While it grows, what is there already stays: selected text too. */
export function Markdown({ text }: { text: string }) {
  const place = useRef<HTMLDivElement>(null);
  const colour = colours.value;
  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return;
    const nodes = [...toFragment(text).childNodes];
    const same = [...element.childNodes].findIndex(
      (node, index) => !nodes[index]?.isEqualNode(node),
    );
    const kept = same === -1 ? element.childNodes.length : same;
    while (element.childNodes.length > kept) element.lastChild?.remove();
    element.append(...nodes.slice(kept));
  }, [text, colour]);
  return <div ref={place} class="markdown" />;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
