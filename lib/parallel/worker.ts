// What the workers of mtMapArena load. The constructors are replaced before any module of the task
// can capture them; all else is the business of the copy of the package that has replaced them.
import { shared } from '../shared.js';

export const { runLane } = shared;
