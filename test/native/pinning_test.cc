#include "pinning.h"

#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "check.h"
#include "fake_getcpu.h"

#ifdef __linux__

namespace arena_pirate {
namespace {

using kernel::CpuSet;

CpuSet MaskOf(int tid) {
  CpuSet cpus;
  CHECK(kernel::GetAffinity(tid, &cpus) == 0);
  return cpus;
}

CpuSet StartMask() {
  pinning::NoteStart();
  CpuSet cpus;
  CHECK(pinning::Start(&cpus) == 0);
  return cpus;
}

// In a thread of its own, so that each test has workers only.
template <typename Body>
void InThread(Body body) {
  std::thread(body).join();
}

TEST("pinning: threads are numbered by the lowest that is free, from 1 but for the main thread") {
  StartMask();
  Counters counters[3];
  InThread([&] {
    CHECK(pinning::Attach(&counters[0]).number == 1);
    InThread([&] {
      CHECK(pinning::Attach(&counters[1]).number == 2);
      pinning::Detach(&counters[0]);
      InThread([&] {
        CHECK(pinning::Attach(&counters[2]).number == 1);
        CHECK(pinning::Threads().size() == 2);
        pinning::Detach(&counters[2]);
      });
      pinning::Detach(&counters[1]);
    });
  });
  Counters main;
  CHECK(pinning::Attach(&main).number == 0);
  pinning::Detach(&main);
  CHECK(pinning::Threads().empty());
}

TEST("pinning: a plan places those there are and those to come, and tells their owners") {
  const CpuSet start = StartMask();
  const int cpu = start.back();
  Counters first, second;
  InThread([&] {
    pinning::Attach(&first);
    CHECK(pinning::Apply({{cpu}, false, {}}) == 0);
    CHECK(MaskOf(0) == CpuSet{cpu});
    CHECK(first.slots[kMoves] == 1);
    InThread([&] {
      pinning::Attach(&second);
      CHECK(MaskOf(0) == CpuSet{cpu});
      CHECK(second.slots[kMoves] == 1);
      CHECK(pinning::Release() == 0);
      CHECK(MaskOf(0) == start);
      pinning::Detach(&second);
    });
    CHECK(MaskOf(0) == start);
    CHECK(first.slots[kMoves] == 2);
    pinning::Detach(&first);
  });
}

TEST("pinning: a thread that loads the package several times is one, until the last is gone") {
  const CpuSet start = StartMask();
  Counters first, second;
  InThread([&] {
    const int number = pinning::Attach(&first).number;
    CHECK(pinning::Apply({{start.back()}, false, {}}) == 0);
    CHECK(pinning::MoveSelf({start.front()}) == 0);
    const pinning::Attached again = pinning::Attach(&second);
    CHECK(again.number == number && !again.first);
    CHECK(pinning::Threads().size() == 1);
    // It stays where it has put itself.
    CHECK(MaskOf(0) == CpuSet{start.front()});
    CHECK(pinning::Release() == 0);
    pinning::Detach(&first);
    CHECK(pinning::Threads().size() == 1);
    CHECK(first.slots[kMoves] >= 2);
    CHECK(pinning::Apply({{start.back()}, false, {}}) == 0);
    CHECK(second.slots[kMoves] == first.slots[kMoves] - 1);
    CHECK(pinning::Release() == 0);
    pinning::Detach(&second);
    CHECK(pinning::Threads().empty());
  });
}

TEST(
    "pinning: a thread that is to stay where nobody tells that this is has the mask of the start") {
  const CpuSet start = StartMask();
  Counters first, second;
  InThread([&] {
    pinning::Attach(&first);
    CHECK(pinning::Apply({{start.back(), start.back()}, true, {}}) == 0);
    InThread([&] {
      const test::NoCpuTold nobody_tells;
      if (kernel::CurrentLocation().cpu >= 0) return;
      CHECK(pinning::Attach(&second).number == 2);
      CHECK(MaskOf(0) == start);
      pinning::Detach(&second);
    });
    CHECK(pinning::Release() == 0);
    pinning::Detach(&first);
  });
}

TEST("pinning: a plan that is refused moves nobody") {
  const CpuSet start = StartMask();
  Counters first, second;
  InThread([&] {
    pinning::Attach(&first);
    const int tid = kernel::ThreadId();
    InThread([&] {
      pinning::Attach(&second);
      // Numbers begin at 1 here; the second of the two is sent to a cpu that there is not.
      CHECK(pinning::Apply({{5000, start.front(), 5000}, false, {}}) != 0);
      CHECK(MaskOf(0) == start);
      CHECK(MaskOf(tid) == start);
      pinning::Detach(&second);
    });
    pinning::Detach(&first);
  });
}

TEST("pinning: what a pinned thread creates gets the mask of the start") {
  const CpuSet start = StartMask();
  if (start.size() < 2) return;
  Counters counters;
  InThread([&] {
    pinning::Attach(&counters);
    CHECK(pinning::Apply({{start.front()}, false, {}}) == 0);
    InThread([&] {
      int tries = 0;
      while (MaskOf(0) != start && tries++ < 5000) usleep(1000);
      CHECK(MaskOf(0) == start);
    });
    CHECK(pinning::Release() == 0);
    pinning::Detach(&counters);
  });
}

TEST("pinning: what was saved is restored, and a thread in between gets the outer plan") {
  const CpuSet start = StartMask();
  Counters first, second;
  InThread([&] {
    pinning::Attach(&first);
    CHECK(pinning::Apply({{start.front()}, false, {}}) == 0);
    const int saved = pinning::Save();
    CHECK(pinning::Apply({{start.back()}, false, {}}) == 0);
    const int tid = kernel::ThreadId();
    InThread([&] {
      pinning::Attach(&second);
      CHECK(MaskOf(0) == CpuSet{start.back()});
      CHECK(pinning::Restore(saved) == 0);
      CHECK(MaskOf(0) == CpuSet{start.front()});
      CHECK(MaskOf(tid) == CpuSet{start.front()});
      pinning::Detach(&second);
    });
    CHECK(pinning::Release() == 0);
    pinning::Detach(&first);
  });
}

TEST("pinning: a thread has the mask of the start while it creates a process, and its own again") {
  const CpuSet start = StartMask();
  if (start.size() < 2) return;
  Counters counters;
  InThread([&] {
    pinning::Attach(&counters);
    CHECK(!pinning::BeginSpawn());
    CHECK(pinning::Apply({{start.back()}, false, {}}) == 0);
    CHECK(pinning::BeginSpawn());
    CHECK(!pinning::BeginSpawn());
    CHECK(MaskOf(0) == start);
    const int saved = pinning::Save();
    pinning::EndSpawn();
    CHECK(MaskOf(0) == CpuSet{start.back()});
    CHECK(pinning::BeginSpawn());
    CHECK(pinning::Release() == 0);
    pinning::EndSpawn();
    CHECK(MaskOf(0) == start);
    CHECK(pinning::Restore(saved) == 0);
    CHECK(MaskOf(0) == CpuSet{start.back()});
    CHECK(pinning::Release() == 0);
    pinning::Detach(&counters);
  });
}

// For the sanitizers: every function from several threads at once.
TEST("pinning: threads come and go while others pin and release") {
  const CpuSet start = StartMask();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; t++) {
    threads.emplace_back([&start, t] {
      for (int round = 0; round < 50; round++) {
        Counters counters;
        pinning::Attach(&counters);
        if (t % 2 == 0) {
          const int saved = pinning::Save();
          CHECK(pinning::Apply({start, round % 2 == 0, round % 3 == 0 ? start : CpuSet{}}) == 0);
          pinning::Sweep();
          CHECK(pinning::Restore(saved) == 0);
        } else {
          CHECK(pinning::MoveSelf({start.back()}) == 0);
          CHECK(pinning::Threads().size() >= 1);
          CHECK(pinning::Release() == 0);
        }
        pinning::Detach(&counters);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(pinning::Release() == 0);
  CHECK(pinning::Threads().empty());
  CHECK(MaskOf(0) == start);
}

}  // namespace
}  // namespace arena_pirate

#endif
