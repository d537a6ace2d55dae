import { commands } from "./commands.ts";
import { failures } from "./failures.ts";
import { files } from "./files.ts";
import { offers } from "./offers.ts";
import { permissions } from "./permissions.ts";
import { processes } from "./processes.ts";
import { realFiles } from "./real-files.ts";
import { requests } from "./requests.ts";
import type { Scenario } from "./scenario.ts";
import { stopping } from "./stopping.ts";
import { tools } from "./tools.ts";
import { turns } from "./turns.ts";

/** The contract that every agent is held to, in the order in which it is told. */
export const contract: readonly Scenario[] = [
  ...turns,
  ...commands,
  ...permissions,
  ...files,
  ...realFiles,
  ...requests,
  ...tools,
  ...stopping,
  ...failures,
  ...processes,
  ...offers,
];
