// After Okabe and Ito, told apart by readers who do not see all colours, and somewhat darkened or
// lightened so that each shows on white and on near-black.
const KNOWN: Readonly<Record<string, string>> = {
  plain: '#8a8f98',
  without: '#8a8f98',
  'plain again': '#b4b9c2',
  'without again': '#b4b9c2',
  'without, memory held': '#6d7480',
  collected: '#2f86c9',
  exit: '#d9730d',
  floor: '#0f9d76',
  'walked floor': '#7cc9b2',
  'floor again': '#b5dccf',
  'stand-in': '#d3d7dd',
  'hand-kept': '#0f9d76',
  with: '#2f86c9',
  time: '#2f86c9',
};

const OTHERS = ['#c0649a', '#a88b00', '#56a5c9', '#7a5fc0', '#b5533c', '#5c8a3a', '#4d6a8a'];

/** One colour for each variant, the same on the whole page. */
export type Colours = (variant: string) => string;

/** @param variants - all that the page shows, in the order of their appearance */
export function coloursFor(variants: Iterable<string>): Colours {
  const unknown = [...new Set(variants)].filter((variant) => KNOWN[variant] === undefined);
  return (variant) =>
    KNOWN[variant] ?? (OTHERS[unknown.indexOf(variant) % OTHERS.length] as string);
}
