// What a JavaScript thread has for each time that it has loaded the package.
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
      : pool(config), attached(pinning::Attach(pool.counters())) {}
  ~Thread() { pinning::Detach(pool.counters()); }

  Pool pool;
  Watches watches;
  const pinning::Attached attached;
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
