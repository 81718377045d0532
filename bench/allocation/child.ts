// First of all: it takes Node's own constructors, which the package replaces when it is loaded.
import './plain.js';

import { answerTask } from '../support/task.js';
import { type AllocationTask, type Measured, measure } from './measure.js';

answerTask<AllocationTask, Measured>(measure);
