// The core throws where the addon is not built. When an ES module imports a CommonJS module that
// throws, Node ends the process even if the caller handles the rejection (nodejs/node#51603);
// an error of require() travels as it should.
import { createRequire } from 'node:module';

createRequire(import.meta.url)('./index.js');
