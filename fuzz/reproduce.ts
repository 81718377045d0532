// Runs one program again, as printed by a campaign.

import { ArenaWorlds } from './arena-worlds.js';
import { answerInArenas, type Surroundings } from './campaign.js';
import { firstDifference } from './difference.js';
import { PlainNode } from './plain-node.js';

/**
 * Prints what plain Node and arenas answer, and where they differ.
 * @param program - never called: its text is what runs
 */
export async function reproduce(
  surroundings: Surroundings,
  minBytes: number,
  program: () => unknown,
): Promise<void> {
  const text = String(program);
  const source = text.slice(text.indexOf('{') + 1, text.lastIndexOf('}'));
  const async = text.startsWith('async');
  const node = new PlainNode();
  const [plain = ''] = await node.answers([{ source, async }]);
  node.close();
  const worlds = new ArenaWorlds();
  worlds.soil();
  const found = await answerInArenas(worlds, source, async, surroundings, minBytes);
  console.log(`PLAIN\n${plain}\n\nARENAS\n${found}\n`);
  console.log(plain === found ? 'No difference' : firstDifference(plain, found));
}
