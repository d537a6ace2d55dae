#!/usr/bin/env node
import { cleanEnvironment } from "./cli/clean-environment.ts";
import { hiddenModes } from "./cli/hidden-modes.ts";
import { leave } from "./cli/leave.ts";

cleanEnvironment(process.env);
const [name = "", ...args] = process.argv.slice(2);
const mode = Object.hasOwn(hiddenModes, name) ? hiddenModes[name] : undefined;
await leave(
  mode ? await mode(args) : await (await import("./cli/program.ts")).run(process.argv.slice(2)),
);
