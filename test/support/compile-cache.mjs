import { enableCompileCache } from "node:module";
import { join } from "node:path";

// Loaded into each program of the tests before its own modules. It halves the CPU time of a start.
enableCompileCache(join(import.meta.dirname, "../../.cache/compiled"));
