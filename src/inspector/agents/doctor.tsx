import { useState } from "preact/hooks";
import type { DoctorCheck, DoctorReport } from "../../schema/doctor.ts";
import type { Daemon } from "../connection/daemon.ts";
import { TroubleNote } from "../connection/trouble-note.tsx";
import { problemTrouble, type Trouble } from "../connection/trouble.ts";
import { withCode } from "../with-code.tsx";

type Outcome =
  | { kind: "running" }
  | { kind: "report"; report: DoctorReport }
  | { kind: "trouble"; trouble: Trouble };

const words: Record<DoctorCheck["status"], string> = {
  ok: "ok",
  warning: "warning",
  failed: "failed",
  skipped: "skipped",
};

/** Finds out on demand whether an agent can work here, and what cures it. */
export function Doctor({ agent, daemon }: { agent: string; daemon: Daemon }) {
  const [outcome, setOutcome] = useState<Outcome | undefined>(undefined);
  const examine = async (checkKey: boolean) => {
    setOutcome({ kind: "running" });
    try {
      const report = await daemon.client.value.getAgentDoctor(agent, { checkKey });
      setOutcome({ kind: "report", report });
    } catch (error) {
      setOutcome({ kind: "trouble", trouble: problemTrouble(error) });
    }
  };
  return (
    <>
      <button
        type="button"
        class="button"
        disabled={outcome?.kind === "running"}
        onClick={() => void examine(false)}
      >
        {outcome?.kind === "running" ? "Examining …" : "Can it work here?"}
      </button>
      {outcome?.kind === "report" && agent !== "mock" && (
        <button type="button" class="button" onClick={() => void examine(true)}>
          Try its key too
        </button>
      )}
      <span class="doctor" role="status">
        {outcome?.kind === "trouble" && <TroubleNote trouble={outcome.trouble} />}
        {outcome?.kind === "report" && <Report report={outcome.report} />}
      </span>
    </>
  );
}

function Report({ report }: { report: DoctorReport }) {
  return (
    <span class="checks">
      {report.checks.map(({ id, title, status, detail, cure }) => (
        <span key={id} class={`check check-${status}`}>
          <span class="check-status">{words[status]}</span>
          <span class="check-title">{title}</span>
          <span class="check-detail">{withCode(detail)}</span>
          {cure !== undefined && <span class="check-cure">{withCode(cure)}</span>}
        </span>
      ))}
    </span>
  );
}
