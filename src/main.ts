#!/usr/bin/env node
import { cleanEnvironment } from "./cli/clean-environment.ts";
import { leave } from "./cli/leave.ts";
import { run } from "./cli/program.ts";

cleanEnvironment(process.env);
await leave(await run(process.argv.slice(2)));
