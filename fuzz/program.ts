// Random programs, as source text. They are made of the templates, and read what `environment.ts`
// gives them.
import fc from 'fast-check';
import { placeholders } from './placeholders.js';
import { arrayBuffers, atomics } from './templates/array-buffers.js';
import { bufferMakers, buffers, others } from './templates/buffers.js';
import { makers, methods, objects, views } from './templates/typed-arrays.js';

const PLACEHOLDER = /\{([A-Za-z]\w*|=)\}/g;
const FIRST_VALUE = 'i';

/** A template with its placeholders filled in; `{=}` is what the first `{i}` was. */
function fill(template: string): fc.Arbitrary<string> {
  const names = Array.from(template.matchAll(PLACEHOLDER), ([, name]) => name as string);
  const filled = names.filter((name) => name in placeholders);
  return fc
    .tuple(...filled.map((name) => placeholders[name] as fc.Arbitrary<string>))
    .map((all) => {
      const first = all[filled.indexOf(FIRST_VALUE)] as string;
      let next = 0;
      return template.replaceAll(PLACEHOLDER, (found, name: string) => {
        if (name === '=') return first;
        return name in placeholders ? (all[next++] as string) : found;
      });
    });
}

function anyOf(templates: readonly string[]): fc.Arbitrary<string> {
  return fc.nat(templates.length - 1).chain((i) => fill(templates[i] as string));
}

const maker = fc.oneof(
  { weight: 4, arbitrary: anyOf(makers) },
  { weight: 2, arbitrary: anyOf(bufferMakers) },
  { weight: 1, arbitrary: anyOf(arrayBuffers) },
);
const action = fc.oneof(
  { weight: 4, arbitrary: anyOf(makers) },
  { weight: 6, arbitrary: anyOf(views) },
  { weight: 12, arbitrary: anyOf(methods) },
  { weight: 4, arbitrary: anyOf(objects) },
  { weight: 5, arbitrary: anyOf(arrayBuffers) },
  { weight: 1, arbitrary: anyOf(atomics) },
  { weight: 3, arbitrary: anyOf(bufferMakers) },
  { weight: 6, arbitrary: anyOf(buffers) },
  { weight: 3, arbitrary: anyOf(others) },
);

/** How code goes on in a nested scope. */
export type Kind = 'collected' | 'exit' | 'none';

/** One statement of a program. */
export type Statement =
  | { readonly do: 'step'; readonly text: string }
  | { readonly do: 'pause'; readonly how: number }
  | {
      readonly do: 'nest';
      readonly kind: Kind;
      readonly minBytes: number;
      readonly sync: boolean;
      readonly throws: boolean;
      readonly body: readonly Statement[];
    };

/** A program; `async` ones wait between their statements. */
export interface Program {
  readonly async: boolean;
  readonly body: readonly Statement[];
}

/** From how many bytes arrays are captured. */
export const minBytes = fc.constantFrom(1, 1, 16, 65);

const stepOf = (text: fc.Arbitrary<string>): fc.Arbitrary<Statement> =>
  fc.record({ do: fc.constant('step' as const), text });

const { statement } = fc.letrec<{ statement: Statement; body: Statement[] }>((tie) => ({
  body: fc.array(tie('statement'), { maxLength: 8, depthIdentifier: 'nest' }),
  statement: fc.oneof(
    { depthIdentifier: 'nest', maxDepth: 3 },
    { weight: 40, arbitrary: stepOf(action) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('pause' as const), how: fc.nat(8) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('nest' as const),
        kind: fc.constantFrom<Kind>('collected', 'exit', 'exit', 'none'),
        minBytes,
        sync: fc.boolean(),
        throws: fc.boolean(),
        body: tie('body'),
      }),
    },
  ),
}));

/** Programs of up to about 25 statements that have something to begin with. */
export const programs: fc.Arbitrary<Program> = fc
  .tuple(
    stepOf(anyOf(makers)),
    fc.array(stepOf(maker), { maxLength: 3 }),
    fc.array(statement, { minLength: 1, maxLength: 22 }),
    fc.integer({ min: 0, max: 3 }),
  )
  .map(([first, more, rest, waits]) => ({ async: waits === 3, body: [first, ...more, ...rest] }));

const BLOCK = /^(const|let|for) /;

function textOf(statement: Statement, async: boolean, indent: string): string {
  if (statement.do === 'step') {
    const { text } = statement;
    return `${indent}step(() => ${BLOCK.test(text) ? `{ ${text}; }` : text});`;
  }
  if (statement.do === 'pause') return async ? `${indent}await pause(${statement.how});` : '';
  const { kind, minBytes: from, throws } = statement;
  const waits = async && !statement.sync;
  const inner = statement.body.map((each) => textOf(each, waits, `${indent}  `));
  if (throws) inner.push(`${indent}  throw planned;`);
  const open = waits ? 'await nestAsync' : 'nest';
  const head = `${indent}${open}('${kind}', ${from}, ${waits ? 'async ' : ''}() => {`;
  return [head, ...inner.filter(Boolean), `${indent}});`].join('\n');
}

/** The program's source: the body of a function, an asynchronous one if it is to wait. */
export function sourceOf({ async, body }: Program): string {
  return body
    .map((statement) => textOf(statement, async, ''))
    .filter(Boolean)
    .join('\n');
}
