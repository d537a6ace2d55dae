import type { Subject } from "../contract/scenario.ts";
import { amp } from "./amp.ts";
import { claude } from "./claude.ts";
import { codex } from "./codex.ts";
import { mock } from "./mock.ts";
import { opencode } from "./opencode.ts";

/** Every agent that is held to the contract. */
export const subjects: readonly Subject[] = [claude, codex, opencode, amp, mock];
