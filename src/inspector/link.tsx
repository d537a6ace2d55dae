import type { ComponentChildren } from "preact";
import type { Place, Whereabouts } from "./place.ts";

/** A link to a place of the page: it opens there, and with Ctrl in another tab. */
export function Link({
  where,
  to,
  isCurrent = false,
  class: name,
  onKeyDown,
  children,
}: {
  where: Whereabouts;
  to: Place;
  isCurrent?: boolean;
  class?: string;
  onKeyDown?: (event: KeyboardEvent & { currentTarget: HTMLElement }) => void;
  children: ComponentChildren;
}) {
  return (
    <a
      class={name}
      onKeyDown={onKeyDown}
      href={where.addressOf(to)}
      aria-current={isCurrent ? "page" : undefined}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        where.go(to);
      }}
    >
      {children}
    </a>
  );
}
