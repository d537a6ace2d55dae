import type { ContentPart } from "../../schema/content.ts";
import { DiffView } from "./diff-view.tsx";
import { Fold } from "./fold.tsx";
import { LongText } from "./long-text.tsx";
import { Shown } from "../visible.tsx";
import { ImageView } from "./image-view.tsx";

const actions = { read: "Read", write: "Written", patch: "Changed" };

/** A part of an item that is neither text nor a call. */
export function PartView({ part, name }: { part: ContentPart; name: string }) {
  switch (part.type) {
    case "file_ref": {
      const { path, diff, action, deleted } = part;
      const head = (
        <>
          <span class="file-action">{deleted ? "Deleted" : actions[action]}</span>{" "}
          <code>
            <Shown text={path} kind="name" />
          </code>
        </>
      );
      if (!diff) return <p class="file">{head}</p>;
      return (
        <Fold name={name} isOpen head={head} class="file">
          {() => <DiffView diff={diff} />}
        </Fold>
      );
    }
    case "image":
      return <ImageView path={part.path} mime={part.mime} />;
    case "status": {
      const { label, detail, data } = part;
      const words = (
        <>
          <strong>{label}</strong> {detail}
        </>
      );
      if (data === undefined) return <p class="notice">{words}</p>;
      return (
        <Fold name={name} head={words} class="notice">
          {() => <Json value={data} />}
        </Fold>
      );
    }
    case "json":
      return <Json value={part.json} />;
    default:
      return <Json value={part} />;
  }
}

const LONGEST = 50_000;

/** A value as JSON, indented. */
export function Json({ value }: { value: unknown }) {
  const text = JSON.stringify(value, undefined, 2) ?? "undefined";
  return <LongText text={text} kind="code" most={LONGEST} />;
}
