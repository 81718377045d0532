// Prints the names of the tests that failed and the closing line of .ci/run, from vitest's JSON
// reports; exits with 1 when anything failed.
//
//   node .ci/summary.mjs FAILED_CHECKS [STATUS REPORT]…
//
// A REPORT is a file, or a folder of them; STATUS is the exit status of the command that wrote it.

import { countTests } from '../scripts/test-counts.mjs';

const [failedChecks, ...runs] = process.argv.slice(2);
const total = { passed: 0, failed: Number(failedChecks), skipped: 0 };

for (let i = 0; i < runs.length; i += 2) {
  const { passed, failed, skipped, failures } = countTests(runs[i + 1]);
  for (const failure of failures) console.log(`failed: ${failure}`);
  total.passed += passed;
  total.skipped += skipped;
  // Unhandled errors, and a setup that fails, fail the run and not a test.
  total.failed += failed === 0 && runs[i] !== '0' ? 1 : failed;
}

const { passed, failed, skipped } = total;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
