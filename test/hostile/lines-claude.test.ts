import { it } from "vitest";
import { claudeUnderTest } from "../support/agents/claude.ts";
import { expectUnharmed } from "./lines.ts";

it("a hostile copy of each line of claude ends no daemon, and every turn ends", () =>
  expectUnharmed(claudeUnderTest));
