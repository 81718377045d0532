// What a JavaScript thread that has loaded the addon has.
#ifndef ARENA_PIRATE_THREAD_H_
#define ARENA_PIRATE_THREAD_H_

#include <napi.h>

#include <optional>
#include <vector>

#include "pinning.h"
#include "pool.h"
#include "watches.h"

namespace arena_pirate {

struct Thread {
  explicit Thread(const PoolConfig& config)
      : pool(config), number(pinning::Attach(pool.counters())) {}
  ~Thread() { pinning::Detach(number); }

  Pool pool;
  Watches watches;
  const int number;
};

inline Thread* ThreadOf(const Napi::CallbackInfo& info) {
  return static_cast<Thread*>(info.Data());
}

// What JavaScript gives and gets as an array of numbers.
// Nothing where the thread is being terminated.
std::optional<std::vector<int>> IntsArg(const Napi::CallbackInfo& info, size_t index);
Napi::Value Ints(Napi::Env env, const std::vector<int>& ints);

// Adds the functions about threads and cpus to what JavaScript can call.
void AddThreadFunctions(Napi::Env env, Napi::Object api, Thread* thread);

}  // namespace arena_pirate

#endif  // ARENA_PIRATE_THREAD_H_
