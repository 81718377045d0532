// Prints the closing line of .ci/run from vitest's JSON report; exits with 1 when anything failed.
//
//   node .ci/summary.mjs REPORT TEST_STATUS FAILED_CHECKS

import { readFileSync } from 'node:fs';

const [file, testStatus, failedChecks] = process.argv.slice(2);

// The report stays empty when setup fails or vitest dies.
const text = readFileSync(file, 'utf8');
const files = text === '' ? [] : JSON.parse(text).testResults;

const count = (...statuses) =>
  files
    .flatMap((result) => result.assertionResults)
    .filter((test) => statuses.includes(test.status)).length;

// A file that cannot be loaded fails without a single test of its own.
const brokenFiles = files.filter(
  (result) =>
    result.status === 'failed' && !result.assertionResults.some((test) => test.status === 'failed'),
).length;

const passed = count('passed');
const skipped = count('skipped', 'pending', 'todo', 'disabled');
let failed = count('failed') + brokenFiles;
// Unhandled errors fail the run, not a test.
if (failed === 0 && testStatus !== '0') failed = 1;
failed += Number(failedChecks);

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
