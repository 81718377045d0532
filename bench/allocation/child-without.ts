// The package is never loaded here: this is plain Node.
import { type Allocators, answerAllocations } from './answers.js';
import { type AllocatorMaker, noScope } from './batch.js';
import { compileAnew } from './compile-anew.js';
import { CONSTRUCTIONS } from './constructions.js';
import { loadPeer } from './peers.js';
import { scopeBytes } from './shape.js';
import { AGAIN, FLOOR_AGAIN, PEERS, STAND_IN, type Variant, WALKED } from './variant.js';
import { walkedAllocator } from './walked.js';

answerAllocations(
  async ({ construction, shape, variants }, sources) => {
    const { ordinary, kept } = CONSTRUCTIONS[construction];
    const memory = new ArrayBuffer(scopeBytes(shape));
    const peers = PEERS.filter((peer) => variants.includes(peer));
    const allocators: Allocators = new Map<Variant, AllocatorMaker>([
      ...(['plain', AGAIN, STAND_IN] as const).map((variant): [Variant, AllocatorMaker] => [
        variant,
        () => ({ make: compileAnew(ordinary)(sources), inScope: noScope() }),
      ]),
      ...(['floor', FLOOR_AGAIN] as const).map((variant): [Variant, AllocatorMaker] => [
        variant,
        () => ({ make: compileAnew(kept)(sources, memory), inScope: noScope() }),
      ]),
      [WALKED, () => walkedAllocator(shape.bytes)],
    ]);
    for (const peer of peers) allocators.set(peer, await loadPeer(peer, shape));
    return allocators;
  },
  () => 0,
);
