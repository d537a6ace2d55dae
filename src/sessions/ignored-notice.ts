import type { AgentOutput } from "../agents/agent.ts";

/** The item that lists the settings of a session's directory that are ignored. */
export function ignoredNotice(ignored: string): AgentOutput {
  const detail = `Settings of this directory are ignored: ${ignored}. To allow them, create the session with repositorySettings "use" (on the command line: --repository-settings use).`;
  return {
    type: "item.completed",
    item: {
      nativeId: null,
      kind: "status",
      role: "system",
      content: [{ type: "status", label: "warning", detail }],
      status: "completed",
    },
    synthetic: true,
  };
}
