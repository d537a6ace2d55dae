import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Parts of the paths of test files that take minutes, the longest first. */
const LONG = [
  "conformance/opencode",
  "conformance/amp",
  "conformance/claude",
  "faults/floods",
  "faults/stopped-servers",
  "bench/bench",
  "faults/hangs",
  "faults/shared-servers",
  "system/inspector/session",
  "executable/executable/release",
  "conformance/codex",
  "sdk/follow",
  "e2e/",
  "cli/",
];

/** Begins long files first. Begun last, one of them would run alone at the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONG.findIndex((part) => moduleId.includes(`/test/${part}`));
      return at === -1 ? LONG.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
