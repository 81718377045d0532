// The package is never loaded here.
import { answerTurns } from './program.js';

answerTurns(() => (fn) => fn());
