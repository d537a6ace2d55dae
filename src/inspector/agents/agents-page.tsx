import { useEffect } from "preact/hooks";
import { sleep } from "../../sdk/timers.ts";
import type { Daemon } from "../connection/daemon.ts";
import { AgentCard } from "./agent-card.tsx";

const LOOK_MS = 3_000;
const INSTALLING_LOOK_MS = 500;

/** Each agent: whether it is there, what it can do, and whether it can work here. */
export function AgentsPage({ daemon }: { daemon: Daemon }) {
  useEffect(() => {
    const left = new AbortController();
    void follow(daemon, left.signal);
    return () => left.abort();
  }, [daemon]);
  const agents = daemon.agents.value;
  return (
    <main class="page">
      <h1 class="page-title">Agents</h1>
      <p class="page-lead">
        What runs in this sandbox, and what the daemon's conformance tests prove of each.
      </p>
      {agents ? (
        <ul class="agents">
          {agents.map((agent) => (
            <AgentCard key={agent.id} agent={agent} daemon={daemon} />
          ))}
        </ul>
      ) : (
        <p class="empty" role="status">
          Looking for agents …
        </p>
      )}
    </main>
  );
}

/** Keeps the agents as they are while they are looked at. */
async function follow(daemon: Daemon, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await daemon.loadAgents().catch(() => undefined);
    const isInstalling = daemon.agents.value?.some(({ install }) => install) === true;
    await sleep(isInstalling ? INSTALLING_LOOK_MS : LOOK_MS, signal).catch(() => undefined);
  }
}
