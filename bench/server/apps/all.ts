import type { App } from './app.js';
import { model } from './model.js';
import { pictures } from './pictures.js';

export const APPS = { pictures, model } as const satisfies Readonly<Record<string, App>>;
export type AppName = keyof typeof APPS;
