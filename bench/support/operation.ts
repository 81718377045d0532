/** Something that takes nanoseconds. Gives a number, so that the work counts for something. */
export type Operation = (index: number) => number;

/** Operations by name, each measured in a process of its own. */
export type Operations = Readonly<Record<string, Operation>>;

/** What a parent asks of a process that measures an operation. */
export type Request =
  /** Run it for so long, until it is compiled. */
  | { readonly warmUpMilliseconds: number }
  /** Run it so often. */
  | { readonly iterations: number };

/** The answer to either request. */
export interface Answer {
  readonly nanosecondsPerIteration: number;
}

/** Answers the requests of the process that forked this one, about one operation. */
export function answerRequests(operations: Operations): void {
  const name = process.argv[2] ?? '';
  const operation = operations[name];
  if (operation === undefined) throw new RangeError(`no operation ${name}`);
  process.on('message', (request: Request) => {
    const answer: Answer = {
      nanosecondsPerIteration:
        'iterations' in request
          ? time(operation, request.iterations)
          : warmUp(operation, request.warmUpMilliseconds),
    };
    process.send?.(answer);
  });
}

// What operations give goes here, so that none of them is useless to the compiler.
let total = 0;

function time(operation: Operation, iterations: number): number {
  const start = performance.now();
  let sum = 0;
  for (let i = 0; i < iterations; i++) sum += operation(i);
  const milliseconds = performance.now() - start;
  total += sum;
  if (Number.isNaN(total)) throw new Error('an operation gave no number');
  return (milliseconds * 1e6) / iterations;
}

function warmUp(operation: Operation, milliseconds: number): number {
  const end = performance.now() + milliseconds;
  let iterations = 16;
  let nanoseconds = time(operation, iterations);
  while (performance.now() < end) {
    nanoseconds = time(operation, iterations);
    if (nanoseconds * iterations < 1e6) iterations *= 2;
  }
  return nanoseconds;
}
