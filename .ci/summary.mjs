// Adds up what the test runs reported in a folder, and the other steps that failed: the last line says
// `N passed, N failed`. Plain JavaScript, because the machine's own Node runs it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [folder = "", broken = "0"] = process.argv.slice(2);
const runs = new Set(readdirSync(folder).map((file) => file.replace(/\.(json|failed)$/, "")));
let passed = 0;
let failed = Number(broken);
for (const run of runs) {
  const path = join(folder, run);
  const report = existsSync(`${path}.json`) ? JSON.parse(readFileSync(`${path}.json`, "utf8")) : {};
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = report;
  // What was not run has not passed, and a run can fail without a test that did.
  const notPassed = numFailedTests + numPendingTests + numTodoTests;
  passed += numPassedTests;
  failed += existsSync(`${path}.failed`) ? Math.max(1, notPassed) : notPassed;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
