import { InvalidArgumentError } from 'commander';

/** Reads an option of a command that is a number of things or the number of one. */
export function integer(least: number): (text: string) => number {
  return (text) => {
    if (/^\d{1,7}$/.test(text) && Number(text) >= least) return Number(text);
    throw new InvalidArgumentError(`Expected an integer of ${least} or more.`);
  };
}
