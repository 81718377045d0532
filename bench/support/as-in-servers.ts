/**
 * Loaded before everything else in processes that are measured, with the package and without. V8 13.6 (Node 24) has a
 * shortcut for `length` of typed arrays that is gone for good once C++ has made a Buffer: when an HTTP request has been
 * answered, a child process started, something hashed. An addon's first ArrayBuffer counts as well. Code that V8 has only
 * compiled by Maglev then takes five times as long for `length`, which would say nothing about arenas, and as nearly all
 * programs are in that state, plain Node is measured in it too.
 */
import { createHash } from 'node:crypto';

createHash('sha256').digest();
