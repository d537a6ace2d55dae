import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useSession } from "./session-view.ts";

/** Something that can be folded away; remembered by its name while its row is out of sight. */
export function Fold({
  name,
  isOpen: atFirst = false,
  head,
  class: className = "",
  children,
}: {
  name: string;
  isOpen?: boolean;
  head: ComponentChildren;
  class?: string;
  children: () => ComponentChildren;
}) {
  const { folds } = useSession();
  const [, redraw] = useState(0);
  const isOpen = folds.get(name) ?? atFirst;
  return (
    <details
      class={`fold ${className}`}
      open={isOpen}
      onToggle={({ currentTarget }) => {
        if (currentTarget.open === isOpen) return;
        folds.set(name, currentTarget.open);
        redraw((drawn) => drawn + 1);
      }}
    >
      <summary>{head}</summary>
      {isOpen && children()}
    </details>
  );
}
