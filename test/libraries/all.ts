import { apacheArrow } from './apache-arrow.js';
import { avsc } from './avsc.js';
import { delaunator } from './delaunator.js';
import { fetch } from './fetch.js';
import { fflate } from './fflate.js';
import { jpegJs } from './jpeg-js.js';
import type { Library } from './library.js';
import { mlMatrix } from './ml-matrix.js';
import { msgpackr } from './msgpackr.js';
import { pako } from './pako.js';
import { pngjs } from './pngjs.js';
import { protobufjs } from './protobufjs.js';
import { tfjs } from './tfjs.js';
import { undici } from './undici.js';

export const libraries: readonly Library[] = [
  pngjs,
  jpegJs,
  fflate,
  pako,
  delaunator,
  mlMatrix,
  tfjs,
  apacheArrow,
  protobufjs,
  avsc,
  msgpackr,
  fetch,
  undici,
];
