#include "registry.h"

#include <atomic>
#include <thread>
#include <vector>

#include "check.h"
#include "fake_napi.h"
#include "pool.h"

namespace arena_pirate {
namespace {

TEST("registry: an ended thread leaves what it has counted, not what it held") {
  const Counters before = registry::Total();
  Counters counters;
  registry::Add(&counters);
  counters.Add(kArenas, 2);
  counters.Add(kRefusedNames, 3);
  CHECK(registry::Total().slots[kArenas] == before.slots[kArenas] + 2);
  CHECK(registry::Total().slots[kRefusedNames] == before.slots[kRefusedNames] + 3);
  registry::Remove(&counters);
  CHECK(registry::Total().slots[kArenas] == before.slots[kArenas]);
  CHECK(registry::Total().slots[kRefusedNames] == before.slots[kRefusedNames] + 3);
}

TEST("registry: totals are right while threads come, count and go") {
  constexpr int kThreads = 8;
  constexpr int kLives = 50;
  constexpr int kCounts = 200;
  const Counters before = registry::Total();
  std::atomic<bool> done{false};
  std::thread reader([&] {
    double last = before.slots[kRefusedNames];
    while (!done) {
      const double now = registry::Total().slots[kRefusedNames];
      CHECK(now >= last);
      last = now;
    }
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; i++) {
    threads.emplace_back([] {
      for (int life = 0; life < kLives; life++) {
        Counters counters;
        registry::Add(&counters);
        for (int count = 0; count < kCounts; count++) counters.Add(kRefusedNames, 1);
        registry::Remove(&counters);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  done = true;
  reader.join();
  CHECK(registry::Total().slots[kRefusedNames] ==
        before.slots[kRefusedNames] + kThreads * kLives * kCounts);
}

TEST("registry: threads with pools of their own disturb nobody") {
  const Counters before = registry::Total();
  std::atomic<bool> done{false};
  std::thread reader([&] {
    while (!done) registry::Total();
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; i++) {
    threads.emplace_back([] {
      test::FakeHeap heap;
      PoolConfig config{};
      config.arena_bytes = size_t{4} << 20;
      config.slab_bytes = size_t{64} << 10;
      config.max_bytes = size_t{16} << 20;
      Pool pool(config);
      for (int round = 0; round < 200; round++) {
        if (pool.Take(100'000) == Refusal::kNone) {
          const auto run = static_cast<size_t>(pool.counters()->slots[kRunId]);
          CHECK(pool.Open(heap.env(), run, 0, 100'000, true) != nullptr);
          pool.Retire(run, 100'000);
        }
        if (round % 10 == 0) heap.Collect();
        pool.Poll(heap.env(), false);
        if (round % 50 == 0) pool.Trim();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  done = true;
  reader.join();
  CHECK(registry::Total().slots[kArenas] == before.slots[kArenas]);
  CHECK(registry::Total().slots[kMappedBytes] == before.slots[kMappedBytes]);
}

}  // namespace
}  // namespace arena_pirate
