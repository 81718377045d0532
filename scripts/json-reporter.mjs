// vitest's JSON reporter, with what fails in a run beside its tests: hooks of suites, files, errors that
// nobody has caught. Its own leaves them out, or names them without a reason.

import { JsonReporter } from 'vitest/node';

const reasonOf = ({ stack, message }) => stack ?? message ?? 'no message';

function hookFailures({ moduleId, children }) {
  return [...children.allSuites()].flatMap((suite) =>
    suite.errors().map((error) => ({
      name: moduleId,
      fullName: `${suite.fullName}, its hooks`,
      failureMessages: [reasonOf(error)],
    })),
  );
}

function moduleFailures(module) {
  return module.errors().map((error) => ({
    name: module.moduleId,
    fullName: 'the file itself',
    failureMessages: [reasonOf(error)],
  }));
}

export default class extends JsonReporter {
  #failures = [];

  async onTestRunEnd(modules, unhandled) {
    this.#failures = [
      ...modules.flatMap((module) => [...moduleFailures(module), ...hookFailures(module)]),
      ...unhandled.map((error) => ({
        name: '',
        fullName: 'an error that nobody has caught',
        failureMessages: [reasonOf(error)],
      })),
    ];
    await super.onTestRunEnd(modules);
  }

  async writeReport(report) {
    const whole = { ...JSON.parse(report), failuresBesideTests: this.#failures };
    await super.writeReport(JSON.stringify(whole));
  }
}
