// What every thread's pool has in common: the counters that stats() reports for
// the process.
#ifndef ARENA_PIRATE_REGISTRY_H_
#define ARENA_PIRATE_REGISTRY_H_

#include <array>
#include <cstddef>

namespace arena_pirate {

inline constexpr size_t kCounterSlots = 32;
// Changes with the order of the counters and with the functions of the addon;
// lib/native.ts refuses a binary with another.
inline constexpr int kLayout = 6;

// The slots that C++ knows; the ones after them belong to JavaScript alone.
enum CounterSlot : size_t {
  kArenas = 0,
  kMappedBytes,
  kFreeSlabs,
  kTakenSlabs,
  kTakenBytes,
  kWaitingSlabs,
  kWaitingBytes,
  kRefusedMappings,
  kRefusedHugePages,
  kRefusedPolicies,
  kRefusedNames,
  kReducedArenas,
  // Not a count: the dirty bytes of the slab last taken, beside its buffer.
  kDirtyBytes,
  // Not a count: the run id last taken.
  kRunId,
  // Not a count: the Home of the run last taken.
  kRunHome,
  // Not a count: changes when the thread is moved to other cpus, which another
  // thread may do.
  kMoves,
};

// The counters of one thread, in the order that lib/counters.ts names them.
// Written by the owning thread alone (kMoves by whoever moves it), from C++ and
// from JavaScript; other threads read them while they change, which is why each
// is one aligned word.
struct alignas(64) Counters {
  std::array<double, kCounterSlots> slots{};

  // For the owning thread: another may be reading the word.
  void Add(CounterSlot slot, double change) { Set(slot, slots[slot] + change); }
  void Set(CounterSlot slot, double value) {
    __atomic_store(&slots[slot], &value, __ATOMIC_RELAXED);
  }
};

namespace registry {

// Adds a thread's counters; they must outlive the matching Remove.
void Add(Counters* counters);

// Removes them, keeping what they counted up (not what they held) in the total.
void Remove(Counters* counters);

// The sum over all threads, ended ones included.
Counters Total();

}  // namespace registry
}  // namespace arena_pirate

#endif  // ARENA_PIRATE_REGISTRY_H_
