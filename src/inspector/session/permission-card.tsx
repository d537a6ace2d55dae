import { useState } from "preact/hooks";
import type { PermissionReply } from "../../schema/permission.ts";
import { DiffView } from "./diff-view.tsx";
import { EventsButton } from "./events-button.tsx";
import { Fold } from "./fold.tsx";
import { Json } from "./part-view.tsx";
import type { PermissionRow, RowProps } from "./rows.ts";
import { useSession } from "./session-view.ts";

const replies: [PermissionReply, string][] = [
  ["once", "Allow once"],
  ["always", "Always allow"],
  ["reject", "Reject"],
];
const outcomes = {
  requested: "",
  accept: "Allowed once",
  accept_for_session: "Allowed for this session",
  reject: "Rejected",
};

/** What the agent wants to be allowed, and the answer. */
export function PermissionCard({ row }: RowProps<PermissionRow>) {
  const view = useSession();
  const [isSent, setSent] = useState(false);
  const { permission_id: id, action, status, metadata } = row.data;
  const isOpen = status === "requested";
  const { command, paths, path, diff, reason } = metadata ?? {};
  const words = isOpen ? textsOf(reason) : [];
  const answer = async (reply: PermissionReply) => {
    setSent(true);
    // Where it is refused, somebody else was first or it can be tried again.
    await view.attempt(() => view.session.replyPermission(id, reply));
    setSent(false);
  };
  return (
    <section
      class={`card ${isOpen ? "card-asks" : ""}`}
      aria-label={`Permission for ${action}`}
      data-request={id}
    >
      <p class="error-head">
        <span>
          <strong>{isOpen ? "May the agent do this?" : outcomes[status]}</strong>{" "}
          <span class="soft">{action}</span>
        </span>
        <span class="card-facts">
          {!isOpen && typeof reason === "string" && <span class="soft">{reason}</span>}
          <EventsButton subject={id} />
        </span>
      </p>
      {words.map((word) => (
        <p key={word}>{word}</p>
      ))}
      {[...textsOf(command), ...textsOf(paths), ...textsOf(path)].map((text, index) => (
        <pre key={index} class="asked">
          {text}
        </pre>
      ))}
      {typeof diff === "string" && diff !== "" && <DiffView diff={diff} />}
      {metadata && (
        <Fold name={`${row.key}`} head="All that is asked for">
          {() => <Json value={metadata} />}
        </Fold>
      )}
      {isOpen && (
        <p class="actions">
          {replies.map(([reply, label]) => (
            <button
              key={reply}
              type="button"
              class={`button ${reply === "once" ? "button-primary" : ""}`}
              disabled={isSent}
              onClick={() => void answer(reply)}
            >
              {label}
            </button>
          ))}
        </p>
      )}
    </section>
  );
}

function textsOf(value: unknown): string[] {
  if (typeof value === "string") return value === "" ? [] : [value];
  if (!Array.isArray(value)) return [];
  return value.filter((one) => typeof one === "string");
}
