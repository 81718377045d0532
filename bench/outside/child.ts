import { answerRequests } from '../support/operation.js';
import { OPERATIONS } from './operations.js';

answerRequests(OPERATIONS);
