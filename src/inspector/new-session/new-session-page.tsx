import { useEffect, useState } from "preact/hooks";
import { TroubleNote } from "../connection/trouble-note.tsx";
import { problemTrouble, type Trouble } from "../connection/trouble.ts";
import type { View } from "../view.ts";
import { AgentChoice } from "./agent-choice.tsx";
import { type Draft, emptyDraft, issuesOf, requestOf } from "./draft.ts";
import { ModelFields } from "./model-fields.tsx";
import { MoreFields } from "./more-fields.tsx";
import { modesOf, permissionModesOf } from "./options.ts";
import { RadioField, TextField } from "./fields.tsx";
import { useOffers } from "./offers.ts";

/** Makes a session: all that it can be told, and why some of it cannot be. */
export function NewSessionPage({ daemon, where }: View) {
  const [draft, setDraft] = useState<Draft>({ ...emptyDraft, agent: "mock" });
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const [isCreating, setCreating] = useState(false);
  const agents = daemon.agents.value;
  const agent = agents?.find(({ id }) => id === draft.agent);
  const offers = useOffers(daemon, agent);
  const issues = issuesOf(draft);
  useEffect(() => {
    void daemon.loadAgents().catch(() => undefined);
  }, [daemon]);

  const set = (changes: Partial<Draft>) => {
    setTrouble(undefined);
    setDraft({ ...draft, ...changes });
  };
  // What one agent offers is nothing to another.
  const choose = (id: string) =>
    set({ agent: id, model: "", variant: "", agentMode: "", permissionMode: "", agentVersion: "" });
  const create = async () => {
    setCreating(true);
    setTrouble(undefined);
    try {
      const id = draft.sessionId.trim();
      const given = id === "" ? undefined : id;
      const session = await daemon.client.value.openSession(requestOf(draft), given);
      await daemon.refresh();
      where.go({ page: "session", sessionId: session.id });
    } catch (error) {
      setTrouble(problemTrouble(error));
      setCreating(false);
    }
  };
  return (
    <main class="page page-narrow">
      <h1 class="page-title">New session</h1>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (Object.keys(issues).length === 0) void create();
        }}
      >
        <AgentChoice agents={agents} chosen={draft.agent} onChoose={choose} />
        {agent && (
          <>
            <ModelFields offers={offers} draft={draft} set={set} />
            <RadioField
              name="mode"
              label="Mode"
              chosen={draft.agentMode || "build"}
              options={modesOf(agent, offers.modes)}
              onChoose={(agentMode) => set({ agentMode })}
            />
            <RadioField
              name="permissions"
              label="Permissions"
              chosen={draft.permissionMode || "default"}
              options={permissionModesOf(agent)}
              onChoose={(permissionMode) => set({ permissionMode })}
            />
            <TextField
              label="Directory"
              hint="Where the agent works: absolute and existing. Nothing: where the daemon works."
              value={draft.directory}
              issue={issues.directory}
              onInput={(directory) => set({ directory })}
            />
            <TextField
              label="Title"
              value={draft.title}
              issue={issues.title}
              onInput={(title) => set({ title })}
            />
            <MoreFields agent={agent} draft={draft} issues={issues} set={set} />
          </>
        )}
        {trouble && <TroubleNote trouble={trouble} />}
        <p class="actions">
          <button type="submit" class="button button-primary" disabled={!agent || isCreating}>
            {isCreating ? "Creating …" : "Create session"}
          </button>
          {isCreating && agent?.installed === false && (
            <span class="hint" role="status">
              The agent is downloaded first: this takes a while.
            </span>
          )}
        </p>
      </form>
    </main>
  );
}
