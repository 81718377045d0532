import { answerRequests } from '../support/operation.js';
import { SCOPES } from './operations.js';

answerRequests(SCOPES);
