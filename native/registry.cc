#include "registry.h"

#include <algorithm>
#include <mutex>
#include <vector>

namespace arena_pirate::registry {

namespace {

struct State {
  std::mutex mutex;
  std::vector<Counters*> live;
  Counters ended;
};

// Never destroyed: worker threads may still be ending while the process exits.
State& Instance() {
  static State* state = new State;
  return *state;
}

// A relaxed load: the owner may be writing this word at the same time.
double Load(double& slot) {
  double value;
  __atomic_load(&slot, &value, __ATOMIC_RELAXED);
  return value;
}

void AddTo(Counters& sum, Counters& counters) {
  for (size_t i = 0; i < kCounterSlots; i++) sum.slots[i] += Load(counters.slots[i]);
}

// What a thread holds goes away with it; what it has counted stays counted.
bool IsGauge(size_t slot) {
  return slot <= kWaitingBytes || (slot >= kDirtyBytes && slot <= kMoves);
}

}  // namespace

void Add(Counters* counters) {
  State& state = Instance();
  std::lock_guard<std::mutex> lock(state.mutex);
  state.live.push_back(counters);
}

void Remove(Counters* counters) {
  State& state = Instance();
  std::lock_guard<std::mutex> lock(state.mutex);
  state.live.erase(std::remove(state.live.begin(), state.live.end(), counters), state.live.end());
  for (size_t i = 0; i < kCounterSlots; i++) {
    if (!IsGauge(i)) state.ended.slots[i] += counters->slots[i];
  }
}

Counters Total() {
  State& state = Instance();
  std::lock_guard<std::mutex> lock(state.mutex);
  Counters sum = state.ended;
  for (Counters* counters : state.live) AddTo(sum, *counters);
  return sum;
}

}  // namespace arena_pirate::registry
