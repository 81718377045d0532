import { type ArenaConfig, initialConfig } from './options.js';

/** The options in force in this thread; changed only by `configure`. */
export const config: ArenaConfig = { ...initialConfig };
