// What the libraries work on: files that came with npm packages and with Node. Read when this is
// loaded, outside all scopes. The uses copy what they take from here, and so have it in the arena.
import { coastPoints, countryOutlines } from '../../examples/demo/coastlines.js';
import { declarationFiles, nodeExecutablePart, packageFile } from '../../examples/demo/inputs.js';

/** Text files of 1 to 200 KB. */
export const texts = declarationFiles();
/** 64 KB of the longest of them. */
export const longText = [...texts.values()]
  .reduce((a, b) => (a.length > b.length ? a : b))
  .subarray(0, 64_000);
/** 32 KiB of machine code. */
export const code = nodeExecutablePart(32 * 2 ** 10);

/** A PNG of 512 × 512 with an alpha channel. */
export const icon = packageFile('three-globe', 'example', 'satellites', 'sat-icon.png');
/** A PNG of 1031 × 548. */
export const screenshot = packageFile('three-globe', 'example', 'preview.png');
/** A JPEG of 1600 × 800. */
export const photo = packageFile('three-globe', 'example', 'img', 'earth-day.jpg');

/** Facts about a country. */
export type Facts = Readonly<Record<string, string | number | null>>;

interface Features {
  readonly features: readonly { readonly properties: Facts }[];
}

const features = JSON.parse(
  packageFile(
    'three-globe',
    'example',
    'country-polygons',
    'ne_110m_admin_0_countries.geojson',
  ).toString(),
) as Features;

/** A table of 177 countries with 72 columns. */
export const countries: readonly Facts[] = features.features.map(({ properties }) => properties);

/** Its columns of numbers, by name. */
export const numbers: ReadonlyMap<string, readonly number[]> = new Map(
  Object.keys(countries[0] as Facts)
    .filter((name) => countries.every((row) => typeof row[name] === 'number'))
    .map((name) => [name, countries.map((row) => row[name] as number)]),
);

/** Its columns of text, null where unknown, by name. */
export const strings: ReadonlyMap<string, readonly (string | null)[]> = new Map(
  Object.keys(countries[0] as Facts)
    .filter((name) => countries.every((row) => typeof row[name] !== 'number'))
    .map((name) => [name, countries.map((row) => row[name] as string | null)]),
);

// Not all there is: collecting garbage takes the longer, the more points are kept.
type Points = readonly (readonly [number, number])[];

/** Longitude and latitude of outline points, a list for each of 60 countries. */
export const outlines = (countryOutlines().slice(0, 60) as unknown as Points[]).map((points) =>
  points.slice(0, 1000),
);

/** Those of some coasts. */
export const coasts = (coastPoints() as unknown as Points).slice(0, 8000);
