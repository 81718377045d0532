import { apacheArrow } from '../../examples/demo/libraries/apache-arrow.js';
import { d3Array } from '../../examples/demo/libraries/d3-array.js';
import { delaunator } from '../../examples/demo/libraries/delaunator.js';
import { fflate } from '../../examples/demo/libraries/fflate.js';
import { jpegJs } from '../../examples/demo/libraries/jpeg-js.js';
import { mlMatrix } from '../../examples/demo/libraries/ml-matrix.js';
import { pako } from '../../examples/demo/libraries/pako.js';
import { pngjs } from '../../examples/demo/libraries/pngjs.js';
import { simpleStatistics } from '../../examples/demo/libraries/simple-statistics.js';
import { tfjs } from '../../examples/demo/libraries/tfjs.js';
import type { Pipeline } from '../../examples/demo/pipeline.js';

/** Unmodified libraries, each with realistic work on real data. */
export const PANEL: readonly Pipeline[] = [
  pngjs,
  jpegJs,
  pako,
  fflate,
  delaunator,
  mlMatrix,
  tfjs,
  apacheArrow,
  d3Array,
  simpleStatistics,
];
