import { arena } from 'arena-pirate';
import { answerTurns } from './program.js';

answerTurns(({ release }) => {
  if (release === undefined) throw new TypeError('Expected a release');
  return (fn) => arena.sync(fn, { release });
});
