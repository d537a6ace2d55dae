import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from "@tanstack/virtual-core";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef } from "preact/hooks";
import { type Signal, useSignal } from "@preact/signals";

/** What others can ask of a list. */
export interface ListHandle {
  scrollTo(index: number): void;
  scrollToEnd(): void;
}

interface ListProps {
  count: number;
  keyOf: (index: number) => number | string;
  /** Pixels that a row is high until it has been measured. */
  estimate: number;
  row: (index: number) => ComponentChildren;
  label: string;
  /** What it lists: with another, of which rows have the same keys, what is in sight stays there. */
  of: object;
  /** Which list this is: with another it begins anew, at its end. */
  handle: { current: ListHandle | undefined };
  /** Whether the list is to start at its end and stay there while it grows. */
  follows: boolean;
  /** Whether its rows are items of a list, for those who do not see it. */
  isList?: boolean;
}

const NEAR_PX = 48;
/** A movement so soon after a touch of wheel, key or finger is the person's, in milliseconds. */
const INTENT_MS = 800;

/** A long list of which only the rows in sight are in the document. Follows its end unless left. */
export function VirtualList(props: ListProps) {
  const { count, row, label, handle, follows, of, isList = false } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [, redraw] = useReducer<number, void>((drawn) => drawn + 1, 0);
  const isFollowing = useSignal(follows);
  const drawn = useRef(of);
  const virtualizer = useMemo(
    () => new Virtualizer<HTMLDivElement, HTMLDivElement>(optionsOf(props)),
    // Made once: what changes is told below.
    // oxlint-disable-next-line react/exhaustive-deps
    [],
  );
  function optionsOf({ count, keyOf, estimate }: ListProps) {
    return {
      count,
      getItemKey: keyOf,
      estimateSize: () => estimate,
      // It keeps the first row in sight where rows have come before it.
      anchorTo: drawn.current === of ? ("start" as const) : ("end" as const),
      getScrollElement: () => scroller.current,
      overscan: 4,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      onChange: () => redraw(),
    };
  }
  virtualizer.setOptions(optionsOf(props));
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => {
    virtualizer._willUpdate();
    drawn.current = of;
    if (isFollowing.peek() && scroller.current) toEnd(scroller.current);
  });
  useIntent(scroller, isFollowing);
  useKeys(scroller, handle);
  useEffect(() => {
    handle.current = {
      scrollTo(index) {
        isFollowing.value = false;
        virtualizer.scrollToIndex(index, { align: "center" });
      },
      scrollToEnd() {
        isFollowing.value = true;
        if (scroller.current) toEnd(scroller.current);
      },
    };
    return () => (handle.current = undefined);
  }, [handle, virtualizer, isFollowing]);
  const items = virtualizer.getVirtualItems();
  return (
    <div class="scroll-frame">
      {/* Scrolled by keys once it has the focus. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={scroller} class="scroll" role="region" aria-label={label} tabIndex={0}>
        <div class="scroll-all" style={{ height: `${virtualizer.getTotalSize()}px` }}>
          <div
            class="scroll-rows"
            role={isList ? "list" : undefined}
            style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}
          >
            {items.map(({ key, index }) => (
              <div
                key={key}
                class="scroll-row"
                data-index={index}
                ref={virtualizer.measureElement}
                {...(isList && {
                  role: "listitem",
                  "aria-setsize": count,
                  "aria-posinset": index + 1,
                })}
              >
                {row(index)}
              </div>
            ))}
          </div>
        </div>
      </div>
      {follows && !isFollowing.value && count > 0 && (
        <button
          type="button"
          class="button button-small to-end"
          onClick={() => handle.current?.scrollToEnd()}
        >
          To the end
        </button>
      )}
    </div>
  );
}

function toEnd(element: HTMLElement): void {
  element.scrollTop = element.scrollHeight;
}

/** Leaves the end when the person moves away from it, and follows again when he is back there. */
function useIntent(
  scroller: { readonly current: HTMLDivElement | null },
  isFollowing: Signal<boolean>,
): void {
  useEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const done = new AbortController();
    let intent = -Infinity;
    let top = element.scrollTop;
    const touch = () => (intent = performance.now());
    // Before the virtualizer hears of it and draws, which leads back to an end that is followed.
    const options = { passive: true, capture: true, signal: done.signal };
    for (const type of ["wheel", "touchmove", "keydown", "pointerdown", "pointermove"] as const) {
      element.addEventListener(
        type,
        (event) => {
          if (event.type === "pointermove" && !(event instanceof PointerEvent && event.buttons)) {
            return;
          }
          touch();
        },
        options,
      );
    }
    element.addEventListener(
      "scroll",
      ({ target }) => {
        if (target !== element) return;
        const isUp = element.scrollTop < top;
        top = element.scrollTop;
        const left = element.scrollHeight - element.clientHeight - top;
        if (left < NEAR_PX && !(isUp && left > 1)) isFollowing.value = true;
        else if (isUp && performance.now() - intent < INTENT_MS) isFollowing.value = false;
      },
      options,
    );
    return () => done.abort();
  }, [scroller, isFollowing]);
}

/** Leads to both ends by Home and End: the browser's own way there stops where a row is measured. */
function useKeys(
  scroller: { readonly current: HTMLDivElement | null },
  handle: ListProps["handle"],
): void {
  useEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const listen = (event: KeyboardEvent) => {
      if (event.target !== element) return;
      if (event.key === "Home" && element.scrollTop > 0) handle.current?.scrollTo(0);
      else if (event.key === "End") handle.current?.scrollToEnd();
      else return;
      event.preventDefault();
    };
    element.addEventListener("keydown", listen);
    return () => element.removeEventListener("keydown", listen);
  }, [scroller, handle]);
}
