#!/usr/bin/env node
import { leave } from "./cli/leave.ts";
import { run } from "./cli/program.ts";

await leave(await run(process.argv.slice(2)));
