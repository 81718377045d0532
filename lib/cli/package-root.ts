import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The package's folder, seen from dist/cli/. */
export const packageRoot = dirname(dirname(__dirname));

/** The version in the package's own package.json. */
export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}
