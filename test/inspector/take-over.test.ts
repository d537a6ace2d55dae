import { expect, it } from "vitest";
import { Conversation } from "../../src/inspector/session/conversation.ts";
import { takeKeys } from "../../src/inspector/session/take-over.ts";
import { subjectOf } from "../../src/inspector/session/subject.ts";
import { all, conversationOf, outline } from "./outline.ts";
import { recorded, recordings } from "./recorded.ts";

it.each(recordings)(
  "of %s, wherever it is cut, what stands whole in the end keeps its key in the whole, and no two have one",
  async (name) => {
    const events = await recorded(name);
    const step = Math.ceil(events.length / 12);
    for (let cut = 1; cut < events.length; cut += step) {
      const whole = conversationOf(events);
      const end = new Conversation(-1_000_000);
      for (const event of events.slice(cut)) end.apply(event);
      takeKeys(whole, end);
      const keys = new Set(all(whole.rows).map(({ key }) => key));
      expect(keys.size).toBe(all(whole.rows).length);
      const before = new Set(events.slice(0, cut).map(subjectOf));
      const byKey = new Map(all(whole.rows).map((row) => [row.key, row]));
      for (const row of all(end.rows)) {
        // What a turn failed for is told anew where the error itself is cut off.
        if (before.has(row.subject) || row.subject.endsWith(" error")) continue;
        // A result whose call is cut off is shown with it in the whole.
        const same = byKey.get(row.key);
        if (row.kind === "tool") expect(same?.kind, row.subject).toBe("tool");
        else expect(same && outline([same]), row.subject).toEqual(outline([row]));
      }
    }
  },
);
