/** Higher numbers than any kernel is built for (`NR_CPUS` is at most 8192): only garbage has them. */
const MAX_ID = 65_535;

const RANGE = /^(\d{1,5})(?:-(\d{1,5}))?$/;

/** @returns the ids in a list such as `0-3,8`, ascending; undefined when it is no such list */
export function parseCpuList(text: string): number[] | undefined {
  const ids = new Set<number>();
  for (const part of text.split(',')) {
    if (text === '') break;
    const [, first, last = first] = RANGE.exec(part.trim()) ?? [];
    if (first === undefined || Number(last) > MAX_ID || Number(last) < Number(first)) {
      return undefined;
    }
    for (let id = Number(first); id <= Number(last); id++) ids.add(id);
  }
  return [...ids].sort((a, b) => a - b);
}

const MASK = /^(?:0x)?[0-9a-f]+(?:,[0-9a-f]{8})*$/i;

/**
 * @returns the ids in a bitmask such as `00000003,ffffffff`, ascending; undefined when it is no such
 * mask. The kernel writes groups of 8 digits, the first of which may be shorter.
 */
export function parseCpuMask(text: string): number[] | undefined {
  if (!MASK.test(text)) return undefined;
  const digits = text.replace(/^0x|,/gi, '');
  const ids: number[] = [];
  for (let place = 0; place < digits.length; place++) {
    const digit = Number.parseInt(digits[digits.length - 1 - place] as string, 16);
    for (let bit = 0; bit < 4; bit++) {
      if (digit & (1 << bit)) ids.push(place * 4 + bit);
    }
  }
  return ids.length > 0 && (ids[ids.length - 1] as number) > MAX_ID ? undefined : ids;
}

/** @returns ids as the kernel writes them: `0-3,8` */
export function formatCpuList(ids: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < ids.length; i++) {
    const first = i;
    while (i + 1 < ids.length && ids[i + 1] === (ids[i] as number) + 1) i++;
    parts.push(first === i ? `${ids[i]}` : `${ids[first]}-${ids[i]}`);
  }
  return parts.join(',');
}
