import { useState } from "preact/hooks";
import type { TextKind } from "../../io/visible-text.ts";
import type { PermissionReply } from "../../schema/permission.ts";
import { Shown } from "../visible.tsx";
import { askedOf, isLong, shownPart } from "./asked.ts";
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

/** A permission with everything that it allows, and the answer. */
export function PermissionCard({ row }: RowProps<PermissionRow>) {
  const view = useSession();
  const [isSent, setSent] = useState(false);
  const [isWhole, setWhole] = useState(false);
  const { permission_id: id, action, status, metadata } = row.data;
  const isOpen = status === "requested";
  const reason = metadata?.["reason"];
  const asked = askedOf(row.data);
  const { tool, reasons, commands, paths, diff, more } = asked;
  const isCut = !isWhole && isLong(asked);
  const answer = async (reply: PermissionReply) => {
    setSent(true);
    // The request can be answered by another client first. After any other failure it stays open.
    await view.attempt(() => view.session.replyPermission(id, reply));
    setSent(false);
  };
  const draw = (text: string, kind: TextKind) => (
    <AskedText text={text} kind={kind} isWhole={isWhole} />
  );
  return (
    <section
      class={`card ${isOpen ? "card-asks" : ""}`}
      aria-label={`Permission for ${action}`}
      data-request={id}
    >
      <p class="error-head">
        <span>
          <strong>{isOpen ? "May the agent do this?" : outcomes[status]}</strong>{" "}
          <span class="soft">
            <Shown text={action} kind="name" most={200} />
            {tool !== undefined && <> · {<Shown text={tool} kind="name" most={200} />}</>}
          </span>
        </span>
        <span class="card-facts">
          {!isOpen && typeof reason === "string" && <span class="soft">{reason}</span>}
          <EventsButton subject={id} />
        </span>
      </p>
      {isOpen && reasons.map((text, index) => <p key={index}>{text}</p>)}
      {commands.map((text) => draw(text, "code"))}
      {paths.map((text) => draw(text, "name"))}
      {diff !== undefined && (
        <DiffView diff={diff} isWhole={isWhole} onWhole={() => setWhole(true)} />
      )}
      {more.length > 0 && (
        <dl class="asked-more">
          {more.map(([name, text]) => (
            <div key={name}>
              <dt>
                <Shown text={name} kind="name" />
              </dt>
              <dd>{draw(text, "code")}</dd>
            </div>
          ))}
        </dl>
      )}
      {isCut && (
        <p class="actions">
          <button type="button" class="button button-small" onClick={() => setWhole(true)}>
            Show the whole request
          </button>
          {isOpen && (
            <span class="hint">It is longer than this. It can be allowed once it is shown.</span>
          )}
        </p>
      )}
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
              disabled={isSent || (isCut && reply !== "reject")}
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

function AskedText({ text, kind, isWhole }: { text: string; kind: TextKind; isWhole: boolean }) {
  return (
    <pre class="asked">
      <Shown text={text} kind={kind} most={isWhole ? Infinity : shownPart(text)} />
    </pre>
  );
}
