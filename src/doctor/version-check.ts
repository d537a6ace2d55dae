import semver from "semver";
import type { Health } from "../agents/health.ts";
import type { DoctorCheck } from "../schema/doctor.ts";

const CHECK = { id: "version", title: "Version known good" };

/** Whether a version is one of those that the tests of this project drive. */
export function checkVersion(
  version: string | undefined,
  { oldest, newest }: Health["proven"],
  agent: string,
): DoctorCheck {
  const proven = oldest === newest ? newest : `${oldest} to ${newest}`;
  const cure = `to have one that is proven: sandbox-agent install-agent ${agent} --agent-version ${newest}`;
  if (version === undefined || semver.valid(version) === null) {
    const detail = `it tells no version that can be compared with ${proven}`;
    return { ...CHECK, status: "warning", detail, cure };
  }
  if (semver.gt(version, newest)) {
    const detail = `${version} is newer than what is proven (${proven}): not yet proven`;
    return { ...CHECK, status: "warning", detail, cure };
  }
  if (semver.lt(version, oldest)) {
    const detail = `${version} is older than what is proven (${proven})`;
    return { ...CHECK, status: "warning", detail, cure };
  }
  return { ...CHECK, status: "ok", detail: `${version}; proven: ${proven}` };
}
