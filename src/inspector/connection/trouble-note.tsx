import type { ComponentChildren } from "preact";
import { CopyLine } from "../copy-line.tsx";
import { withCode } from "../with-code.tsx";
import type { Trouble } from "./trouble.ts";

/** What is wrong and what helps, where it is seen at once. */
export function TroubleNote({
  trouble,
  children,
}: {
  trouble: Trouble;
  children?: ComponentChildren;
}) {
  const { title, detail, cure } = trouble;
  const isCommand = cure?.startsWith("sandbox-agent ") === true;
  return (
    <div class="note note-bad" role="alert">
      <p class="note-title">{title}</p>
      <p class="note-detail">{withCode(detail)}</p>
      {cure !== undefined && (isCommand ? <CopyLine text={cure} /> : <p>{withCode(cure)}</p>)}
      {children}
    </div>
  );
}
