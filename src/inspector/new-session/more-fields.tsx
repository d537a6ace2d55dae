import { useId } from "preact/hooks";
import type { AgentInfo } from "../../schema/agent.ts";
import { agentName } from "../agents/agent-name.ts";
import type { Draft, DraftIssues } from "./draft.ts";
import { Note, TextField } from "./fields.tsx";

/** What is seldom told to a session. */
export function MoreFields({
  agent,
  draft,
  issues,
  set,
}: {
  agent: AgentInfo;
  draft: Draft;
  issues: DraftIssues;
  set: (changes: Partial<Draft>) => void;
}) {
  const id = useId();
  const isBuiltIn = agent.version === "builtin";
  return (
    <details class="field-more">
      <summary>More</summary>
      <TextField
        label="Session id"
        hint="Nothing: a random one."
        value={draft.sessionId}
        issue={issues.sessionId}
        onInput={(sessionId) => set({ sessionId })}
      />
      {!isBuiltIn && (
        <TextField
          label="Version of the agent"
          hint="Another than the installed one is installed beside it, for this session alone."
          value={draft.agentVersion}
          placeholder={agent.version ?? "latest"}
          onInput={(agentVersion) => set({ agentVersion })}
        />
      )}
      <div class="field">
        <label htmlFor={`${id}-env`}>Variables</label>
        <textarea
          id={`${id}-env`}
          rows={3}
          value={draft.env}
          placeholder="NAME=value"
          spellcheck={false}
          aria-invalid={issues.env !== undefined}
          aria-describedby={`${id}-env-note`}
          onInput={(event) => set({ env: event.currentTarget.value })}
        />
        <Note
          id={`${id}-env-note`}
          issue={issues.env}
          hint={
            agent.id === "opencode"
              ? `All sessions of ${agentName(agent.id)} share one process, which takes no variables of one session: this one would be refused with some.`
              : "One in a line, added to the agent's environment. The daemon never shows them again."
          }
        />
      </div>
      <div class="field">
        <label htmlFor={`${id}-repository`}>Repository settings</label>
        <select
          id={`${id}-repository`}
          value={draft.repositorySettings}
          aria-describedby={`${id}-repository-note`}
          onChange={({ currentTarget: { value } }) =>
            set({ repositorySettings: value === "use" || value === "ignore" ? value : "" })
          }
        >
          <option value="">default of the daemon: use only in mode bypass</option>
          <option value="ignore">ignore</option>
          <option value="use">use</option>
        </select>
        <Note
          id={`${id}-repository-note`}
          hint="Hooks, MCP servers, plugins, key helpers, base URLs and command rules in the directory. Used, they run commands and can send the key elsewhere, without a request. Instruction files are read in any case."
        />
      </div>
      <div class="pair">
        <TextField
          label="Requests wait for"
          hint="Seconds that a permission or question may wait for an answer. Nothing: for ever."
          value={draft.timeout}
          issue={issues.timeout}
          onInput={(timeout) => set({ timeout })}
        />
        <div class="field">
          <label htmlFor={`${id}-timeout`}>Then</label>
          <select
            id={`${id}-timeout`}
            value={draft.onTimeout}
            disabled={draft.timeout.trim() === ""}
            onChange={(event) =>
              set({ onTimeout: event.currentTarget.value === "interrupt" ? "interrupt" : "reject" })
            }
          >
            <option value="reject">reject the request</option>
            <option value="interrupt">interrupt the turn</option>
          </select>
        </div>
      </div>
      <p class="hint">
        MCP servers and skills cannot be given to a session here: the daemon takes those of the
        agent's own configuration.
      </p>
    </details>
  );
}
