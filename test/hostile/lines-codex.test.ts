import { it } from "vitest";
import { codexUnderTest } from "../support/agents/codex.ts";
import { expectUnharmed } from "./lines.ts";

it("a hostile copy of each line of codex ends no daemon, and every turn ends", () =>
  expectUnharmed(codexUnderTest));
