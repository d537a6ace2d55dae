import type { SandboxAgentClient } from "../../sdk/client.ts";

/** Everything seen of one session. */
export function SessionPage({
  client,
  sessionId,
  onLeave,
}: {
  client: SandboxAgentClient;
  sessionId: string;
  onLeave: () => void;
}) {
  return (
    <main>
      <button type="button" onClick={onLeave}>
        Leave
      </button>
      {sessionId} at {client.baseUrl}
    </main>
  );
}
