import { useEffect, useState } from "preact/hooks";
import type { AgentInfo, AgentModeInfo, AgentModelsResponse } from "../../schema/agent.ts";
import type { Daemon } from "../connection/daemon.ts";
import { problemTrouble } from "../connection/trouble.ts";

/** What an agent says that it offers. */
export interface Offers {
  /** Empty while they are not known. */
  modes: readonly AgentModeInfo[];
  models?: AgentModelsResponse;
  /** Why no models are known. */
  withoutModels?: string;
}

/** Asks an agent for its models and modes, when it is chosen and when it has been installed. */
export function useOffers(daemon: Daemon, agent: AgentInfo | undefined): Offers {
  const [offers, setOffers] = useState<Offers>({ modes: [] });
  const { id, installed, version } = agent ?? {};
  useEffect(() => {
    setOffers({ modes: [] });
    if (id === undefined) return undefined;
    const left = new AbortController();
    const add = (more: Partial<Offers>) => {
      if (!left.signal.aborted) setOffers((before) => ({ ...before, ...more }));
    };
    const client = daemon.client.value;
    client.getAgentModes(id).then(
      ({ modes }) => add({ modes }),
      () => undefined,
    );
    client.getAgentModels(id).then(
      (models) => add({ models }),
      (error: unknown) => {
        const why = installed === false ? "it is not installed" : problemTrouble(error).detail;
        add({ withoutModels: `Its models are not known: ${why}.` });
      },
    );
    return () => left.abort();
  }, [daemon, id, installed, version]);
  return offers;
}
