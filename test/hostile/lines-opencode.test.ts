import { it } from "vitest";
import { opencodeUnderTest } from "../support/agents/opencode.ts";
import { expectUnharmed } from "./lines.ts";

it("a hostile copy of each line of opencode ends no daemon, and every turn ends", () =>
  expectUnharmed(opencodeUnderTest));
