// What scopes have to know of checked mode, whose own code is loaded when it is first used.
import { config } from './config.js';

let callers = 0;

/** Has `'exit'` scopes checked whatever the configuration says, until {@link stopChecking}. */
export function startChecking(): void {
  callers++;
}

export function stopChecking(): void {
  callers--;
}

/** Whether `'exit'` scopes opened now are to be checked. */
export function checking(): boolean {
  return config.check || callers > 0;
}

/** What checked mode wants to be done when a scope has ended. */
export const afterScopes: { look: (() => void) | undefined } = { look: undefined };
