import { useMemo } from "preact/hooks";
import { useSignal, useSignalEffect } from "@preact/signals";
import { SandboxAgent } from "../sdk/browser-sandbox-agent.ts";
import { SessionPage } from "./session/session-page.tsx";

/** The page: a session, where the address names one. */
export function App() {
  const client = useSignal<SandboxAgent | undefined>(undefined);
  const sessionId = useMemo(() => /\/sessions\/([^/]+)$/.exec(location.pathname)?.[1], []);
  useSignalEffect(() => {
    const baseUrl = new URL("..", document.baseURI).href;
    void SandboxAgent.connect({ baseUrl }).then((connected) => (client.value = connected));
  });
  if (!client.value || sessionId === undefined) return <main>No session.</main>;
  return <SessionPage client={client.value} sessionId={sessionId} onLeave={() => history.back()} />;
}
