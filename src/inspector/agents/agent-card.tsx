import { useState } from "preact/hooks";
import type { AgentCapabilities, AgentInfo, ServerStatusInfo } from "../../schema/agent.ts";
import type { Daemon } from "../connection/daemon.ts";
import { TroubleNote } from "../connection/trouble-note.tsx";
import { problemTrouble, type Trouble } from "../connection/trouble.ts";
import { counted, formatDuration } from "../format.ts";
import { agentName } from "./agent-name.ts";
import { capabilityNames } from "./capability-names.ts";
import { Doctor } from "./doctor.tsx";
import { InstallMeter } from "./install-meter.tsx";

/** One agent. */
export function AgentCard({ agent, daemon }: { agent: AgentInfo; daemon: Daemon }) {
  const { id, installed, version, path, credentialsAvailable, serverStatus, install } = agent;
  const [isInstalling, setInstalling] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const isBuiltIn = version === "builtin";
  const start = async () => {
    setInstalling(true);
    setTrouble(undefined);
    try {
      const work = daemon.client.value.installAgent(id, { reinstall: installed });
      const seen = daemon.loadAgents().catch(() => undefined);
      await Promise.all([work, seen]);
      await daemon.loadAgents().catch(() => undefined);
    } catch (error) {
      setTrouble(problemTrouble(error));
    }
    setInstalling(false);
  };
  return (
    <li class="agent" aria-label={agentName(id)}>
      <div class="agent-head">
        <h2>{agentName(id)}</h2>
        <span class={`badge ${installed ? "badge-good" : ""}`}>
          {isBuiltIn ? "Built in" : installed ? "Installed" : "Not installed"}
        </span>
        {!isBuiltIn && (
          <span class={`badge ${credentialsAvailable ? "badge-good" : "badge-waiting"}`}>
            {credentialsAvailable ? "Has a key" : "No key found"}
          </span>
        )}
      </div>
      <dl class="facts">
        {!isBuiltIn && version !== undefined && <Fact name="Version" value={version} />}
        {path !== undefined && <Fact name="Path" value={path} />}
        {serverStatus && <Fact name="Shared server" value={describeServer(serverStatus)} />}
        {serverStatus?.lastError !== undefined && (
          <Fact name="Its last error" value={serverStatus.lastError} />
        )}
      </dl>
      {install && <InstallMeter progress={install} name={agentName(id)} />}
      {trouble && <TroubleNote trouble={trouble} />}
      <p class="actions">
        {!isBuiltIn && (
          <button
            type="button"
            class={`button ${installed ? "" : "button-primary"}`}
            disabled={isInstalling || install !== undefined}
            onClick={() => void start()}
          >
            {isInstalling || install ? "Installing …" : installed ? "Install again" : "Install"}
          </button>
        )}
        <Doctor agent={id} daemon={daemon} />
      </p>
      <Coverage capabilities={agent.capabilities} />
    </li>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

function describeServer({ status, uptimeMs, restartCount }: ServerStatusInfo): string {
  return [
    status,
    ...(uptimeMs === undefined ? [] : [`for ${formatDuration(uptimeMs)}`]),
    ...(restartCount === 0 ? [] : [counted(restartCount, "restart")]),
  ].join(", ");
}

function Coverage({ capabilities }: { capabilities: AgentCapabilities }) {
  const has = capabilityNames.filter(([key]) => capabilities[key]);
  const lacks = capabilityNames.filter(([key]) => !capabilities[key]);
  return (
    <details class="coverage">
      <summary>
        Feature coverage{" "}
        <span class="count">
          {has.length} of {capabilityNames.length}
        </span>
      </summary>
      <ul>
        {has.map(([key, name]) => (
          <li key={key} class="coverage-yes">
            {name}
          </li>
        ))}
        {lacks.map(([key, name]) => (
          <li key={key} class="coverage-no">
            no {name.toLowerCase()}
          </li>
        ))}
      </ul>
    </details>
  );
}
