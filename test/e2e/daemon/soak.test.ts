import { beforeAll, describe, expect, it } from "vitest";
import { requirements } from "../../soak/requirements.ts";
import { soak, type SoakReport } from "../../soak/soak.ts";

// The short form; `npm run soak` asks the same of 500 sessions for two minutes.
describe("60 sessions with 60 readers and a turn each second", () => {
  let report: SoakReport;

  beforeAll(async () => {
    // Each turn says the text five times: 60 x 6 x 5 x 32 KiB are 56 MiB, a third of it in each part.
    report = await soak({ sessions: 60, seconds: 6, parts: 3, messageBytes: 32 * 1024 });
  }, 600_000);

  it.each(requirements)("$title", ({ contradictions }) => {
    expect(contradictions(report)).toEqual([]);
  });
});
