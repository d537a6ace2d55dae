import { it } from "vitest";
import { ampUnderTest } from "../support/agents/amp.ts";
import { expectUnharmed } from "./lines.ts";

it("a hostile copy of each line of amp ends no daemon, and every turn ends", () =>
  expectUnharmed(ampUnderTest));
