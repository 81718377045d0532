// Counts tests in vitest's JSON reports, for .ci/summary.mjs and scripts/test-nodes.mjs.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

/**
 * The tests of a report, or of all reports in a folder, and the names of those that failed, with the
 * reason; what failed beside tests counts as a failure (scripts/json-reporter.mjs). A report that is empty or missing has none: that is what a run leaves that ends before its
 * first test.
 */
export function countTests(path) {
  const counts = { passed: 0, failed: 0, skipped: 0, failures: [] };
  for (const file of reportsAt(path)) add(counts, basename(file), readFileSync(file, 'utf8'));
  return counts;
}

function reportsAt(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(path, name));
}

// The log that tells more may be long, and its beginning lost.
function reasonOf({ failureMessages }) {
  const lines = (failureMessages?.[0] ?? '').split('\n').map((line) => line.trim());
  const telling = lines.filter((line) => line !== '' && !line.startsWith('at ')).slice(0, 4);
  return telling.join(' | ').slice(0, 800) || 'no message';
}

function add(counts, report, text) {
  if (text === '') return;
  const { testResults, failuresBesideTests = [] } = JSON.parse(text);
  const addFailure = (path, { fullName, ...failure }) => {
    counts.failed++;
    const file = path === '' ? '' : ` ${relative(process.cwd(), path)}:`;
    counts.failures.push(`${report}:${file} ${fullName}: ${reasonOf(failure)}`);
  };
  for (const failure of failuresBesideTests) addFailure(failure.name, failure);
  for (const { assertionResults, name } of testResults) {
    for (const test of assertionResults) {
      if (test.status === 'passed') counts.passed++;
      else if (test.status === 'failed') addFailure(name, test);
      else counts.skipped++;
    }
  }
}
