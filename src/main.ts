#!/usr/bin/env node
import { cleanEnvironment } from "./cli/clean-environment.ts";
import { run } from "./cli/program.ts";

cleanEnvironment(process.env);
process.exit(await run(process.argv.slice(2)));
