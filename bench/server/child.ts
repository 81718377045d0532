import { answerTask } from '../support/task.js';
import { measure } from './measure.js';

answerTask(measure);
