import { useState } from "preact/hooks";
import { agentName } from "../agents/agent-name.ts";
import { formatCost } from "../format.ts";
import { Shown } from "../visible.tsx";
import { Confirm } from "./confirm.tsx";
import { useSession } from "./session-view.ts";

/** Which session it is, how it stands, what it has used, and what can be done with it. */
export function SessionHead({ onLeave }: { onLeave: () => void }) {
  const view = useSession();
  const { feed, session } = view;
  const [asked, setAsked] = useState<"terminate" | "delete" | undefined>(undefined);
  void feed.tick.value;
  const { turn, hasEnded, requests } = feed.conversation;
  const info = feed.info.value;
  const link = feed.link.value;
  const facts = info
    ? [
        agentName(info.agent),
        info.model === info.agent ? null : info.model,
        info.variant,
        info.agentMode,
        info.permissionMode,
        info.directory,
      ]
    : [];
  // The turn may have begun before the events that have been read.
  const isRunning = link.kind === "loading" ? info?.status === "running" : turn !== undefined;
  const known = facts.filter((fact) => fact !== null && fact !== "");
  const standing = hasEnded
    ? "ended"
    : requests.length > 0
      ? "waits for you"
      : isRunning
        ? "running"
        : (info?.status ?? "");
  const word = link.kind === "broken" ? "reconnecting …" : link.kind === "gone" ? "gone" : standing;
  const remove = async () => {
    if (await view.attempt(() => session.delete())) onLeave();
  };
  return (
    <header class="session-head">
      <button type="button" class="button button-small" onClick={onLeave}>
        All sessions
      </button>
      <div class="session-names">
        <h1>
          <Shown text={info?.title ?? session.id} kind="name" />
        </h1>
        <p class="soft" title={known.join(" · ")}>
          <Shown text={known.join(" · ")} kind="name" />
        </p>
      </div>
      <p class="session-state">
        <span class="badge" role="status">
          {word}
        </span>
        <Used />
      </p>
      <div class="actions">
        <button
          type="button"
          class="button button-small"
          disabled={!isRunning}
          onClick={() => void view.attempt(() => session.interrupt())}
        >
          Interrupt
        </button>
        <button
          type="button"
          class="button button-small"
          disabled={hasEnded}
          onClick={() => setAsked("terminate")}
        >
          End
        </button>
        <button type="button" class="button button-small" onClick={() => setAsked("delete")}>
          Delete
        </button>
      </div>
      {asked === "terminate" && (
        <Confirm
          question="End this session?"
          detail="The agent stops, and takes no more messages. What was said can still be read."
          action="End it"
          onDo={() => void view.attempt(() => session.terminate())}
          onClose={() => setAsked(undefined)}
        />
      )}
      {asked === "delete" && (
        <Confirm
          question="Delete this session?"
          detail="The agent stops, and all that was said is gone."
          action="Delete it"
          onDo={() => void remove()}
          onClose={() => setAsked(undefined)}
        />
      )}
    </header>
  );
}

function Used() {
  const { feed } = useSession();
  void feed.tick.value;
  const { context } = feed.conversation;
  // The daemon adds up all turns, those too whose events are not read yet, or no longer kept.
  const usage = feed.info.value?.usage;
  if (!usage || usage.input_tokens + usage.output_tokens === 0) return null;
  const { input_tokens: input, output_tokens: output, cost_usd: cost } = usage;
  const words = [
    `${input.toLocaleString("en")} in`,
    `${output.toLocaleString("en")} out`,
    ...(cost === undefined ? [] : [formatCost(cost)]),
    ...(context === undefined ? [] : [`context ${Math.round(100 * context)} %`]),
  ];
  return (
    <span class="soft" title="Tokens and cost of all turns">
      {words.join(" · ")}
    </span>
  );
}
