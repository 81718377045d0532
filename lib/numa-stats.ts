import { native } from './native.js';

/** Pages of memory, by where they are. */
export interface PagesByNode {
  /** On the node whose cpu the thread runs on. */
  readonly onNode: number;
  /** On other nodes. */
  readonly elsewhere: number;
  /** On each node that has any, by its id. */
  readonly byNode: { readonly [node: number]: number };
}

/** Where the memory of a thread's arenas is, see {@link ArenaStats.numa}. */
export interface NumaStats {
  /** The NUMA node of the cpu that the thread is running on; undefined where the system has none. */
  readonly node: number | undefined;
  /**
   * Pages of the thread's arenas that are in memory, in the system's smallest pages (`getconf
   * PAGESIZE`, mostly 4 KiB), huge ones by what they cover; those that have only been read do not
   * count. Undefined where the kernel does not say (`move_pages`; containers may refuse it).
   */
  readonly residentPages: PagesByNode | undefined;
  /**
   * The huge pages among them, each counting one. The kernel takes a huge page from another node when
   * the wanted one has small pages only: those are `elsewhere`. Undefined where the kernel does not
   * say (before Linux 6.7).
   */
  readonly hugePages: PagesByNode | undefined;
  /**
   * One resident page in so many was asked about, and counted so often: 1 as long as no more than
   * 64 MiB have been in use. Huge pages are all asked about.
   */
  readonly sampling: number;
}

// 64 MiB of 4 KiB pages; asking takes about a millisecond.
const PAGES_ASKED = 16_384;

function pagesByNode(node: number, counts: ReadonlyMap<number, number>): PagesByNode {
  const present = [...counts].filter(([, pages]) => pages > 0);
  const onNode = counts.get(node) ?? 0;
  const all = present.reduce((sum, [, pages]) => sum + pages, 0);
  return { onNode, elsewhere: all - onNode, byNode: Object.fromEntries(present) };
}

/** Asks the kernel where this thread's arenas are. */
export function numaStats(): NumaStats {
  const node = native.currentNode();
  const [error, sampling, hugeKnown, ...counts] = native.countPages(PAGES_ASKED) as [
    ...[number, number, number],
    ...number[],
  ];
  const resident = new Map<number, number>();
  const huge = new Map<number, number>();
  for (let i = 0; i < counts.length; i += 3) {
    const id = counts[i] as number;
    resident.set(id, counts[i + 1] as number);
    huge.set(id, counts[i + 2] as number);
  }
  return {
    node: node < 0 ? undefined : node,
    residentPages: error === 0 ? pagesByNode(node, resident) : undefined,
    hugePages: error === 0 && hugeKnown === 1 ? pagesByNode(node, huge) : undefined,
    sampling,
  };
}
