// Counts tests in vitest's JSON reports, for .ci/summary.mjs and scripts/test-nodes.mjs.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The tests of a report, or of all reports in a folder. One that is empty or missing has none: that
 * is what a run leaves that ends before its first test.
 */
export function countTests(path) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of reportsAt(path)) add(counts, readFileSync(file, 'utf8'));
  return counts;
}

function reportsAt(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(path, name));
}

function add(counts, text) {
  if (text === '') return;
  for (const { assertionResults, status } of JSON.parse(text).testResults) {
    let failedHere = 0;
    for (const test of assertionResults) {
      if (test.status === 'passed') counts.passed++;
      else if (test.status === 'failed') failedHere++;
      else counts.skipped++;
    }
    // A file that cannot be loaded fails without a single test of its own.
    counts.failed += status === 'failed' ? Math.max(failedHere, 1) : failedHere;
  }
}
