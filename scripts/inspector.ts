import { buildInspector } from "./build-inspector.ts";

// Builds the inspector for a daemon that is started from its sources.
const { files, built } = await buildInspector();
console.log(built ? `the inspector is built: ${files} files` : "the inspector is up to date");
