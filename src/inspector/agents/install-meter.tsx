import type { InstallProgress } from "../../schema/agent.ts";
import { formatMegabytes } from "../format.ts";

const phases: Record<InstallProgress["phase"], string> = {
  resolving: "Looking up the version",
  downloading: "Downloading",
  verifying: "Verifying",
  unpacking: "Unpacking",
};

/** How far an installation is. */
export function InstallMeter({ progress, name }: { progress: InstallProgress; name: string }) {
  const { phase, receivedBytes, totalBytes } = progress;
  const isCounted = phase === "downloading";
  const total = totalBytes === undefined ? "" : ` of ${formatMegabytes(totalBytes)}`;
  return (
    <div class="meter">
      <progress
        aria-label={`Installation of ${name}`}
        {...(isCounted && totalBytes !== undefined && { value: receivedBytes, max: totalBytes })}
      />
      <span>
        {phases[phase]}
        {isCounted && `, ${formatMegabytes(receivedBytes)}${total}`}
      </span>
    </div>
  );
}
