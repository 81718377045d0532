#include "pool.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "check.h"
#include "fake_napi.h"
#include "fake_swap.h"
#include "kernel.h"

namespace arena_pirate {
namespace {

using test::FakeHeap;

constexpr size_t kSlab = size_t{64} << 10;

PoolConfig Config(size_t arena_slabs, size_t max_slabs) {
  PoolConfig config{};
  config.arena_bytes = arena_slabs * kSlab;
  config.slab_bytes = kSlab;
  config.max_bytes = max_slabs * kSlab;
  return config;
}

size_t RunTaken(Pool* pool) { return static_cast<size_t>(pool->counters()->slots[kRunId]); }

double Count(Pool* pool, CounterSlot slot) { return pool->counters()->slots[slot]; }

TEST("pool: a retired run is free once its last tracked buffer has been collected") {
  FakeHeap heap;
  Pool pool(Config(4, 4));
  CHECK(pool.Take(kSlab) == Refusal::kNone);
  const size_t run = RunTaken(&pool);
  napi_value first = pool.Open(heap.env(), run, 0, kSlab, true);
  napi_value second = pool.Open(heap.env(), run, 0, kSlab, true);
  heap.Hold(first);
  heap.Hold(second);
  pool.Retire(run, 10);
  CHECK(Count(&pool, kWaitingSlabs) == 1);
  CHECK(pool.Poll(heap.env(), true) == 0);
  heap.Drop(first);
  heap.Collect();
  CHECK(pool.Poll(heap.env(), true) == 0);
  heap.Drop(second);
  CHECK(pool.Poll(heap.env(), true) == 0);
  heap.Collect();
  CHECK(pool.Poll(heap.env(), true) == kSlab);
  CHECK(Count(&pool, kWaitingSlabs) == 0);
  CHECK(Count(&pool, kFreeSlabs) == 4);
}

TEST("pool: an untracked buffer keeps nothing, and a buffer lies where it was asked for") {
  FakeHeap heap;
  Pool pool(Config(4, 4));
  pool.Take(2 * kSlab);
  const size_t run = RunTaken(&pool);
  napi_value whole = pool.Open(heap.env(), run, 0, 2 * kSlab, true);
  napi_value part = pool.Open(heap.env(), run, 100, 50, false);
  CHECK(static_cast<char*>(FakeHeap::At(part)->data) ==
        static_cast<char*>(FakeHeap::At(whole)->data) + 100);
  CHECK(FakeHeap::At(part)->bytes == 50);
  heap.Hold(part);
  pool.Retire(run, 0);
  heap.Collect();
  CHECK(pool.Poll(heap.env(), true) == 2 * kSlab);
}

TEST("pool: without force a poll asks again only after a collection") {
  FakeHeap heap;
  Pool pool(Config(4, 4));
  pool.Take(1);
  const size_t run = RunTaken(&pool);
  pool.Open(heap.env(), run, 0, kSlab, true);
  const size_t collections = pool.Collections(heap.env());
  CHECK(pool.Collections(heap.env()) == collections);
  pool.Retire(run, 1);
  heap.Collect();
  CHECK(pool.Poll(heap.env(), false) == kSlab);
  CHECK(pool.Collections(heap.env()) == collections + 1);
}

TEST("pool: an answer that Node refuses reads as still in use") {
  FakeHeap heap;
  Pool pool(Config(4, 4));
  pool.Take(1);
  const size_t run = RunTaken(&pool);
  pool.Open(heap.env(), run, 0, kSlab, true);
  pool.Retire(run, 1);
  heap.Collect();
  heap.refuses_answers = true;
  CHECK(pool.Poll(heap.env(), true) == 0);
  heap.refuses_answers = false;
  CHECK(pool.Poll(heap.env(), true) == kSlab);
}

TEST("pool: buffers that Node refuses leave no exception behind, and the run can be retired") {
  FakeHeap heap;
  Pool pool(Config(4, 4));
  pool.Take(1);
  const size_t run = RunTaken(&pool);
  heap.refuses_buffers = true;
  CHECK(pool.Open(heap.env(), run, 0, kSlab, true) == nullptr);
  CHECK(!heap.exception_pending);
  heap.refuses_buffers = false;
  heap.refuses_references = true;
  CHECK(pool.Open(heap.env(), run, 0, kSlab, true) == nullptr);
  heap.refuses_references = false;
  pool.Retire(run, 0);
  CHECK(pool.Poll(heap.env(), true) == kSlab);
}

TEST("pool: a run that is reopened for ever keeps no reference to what is gone") {
  FakeHeap heap;
  Pool pool(Config(4, 4));
  pool.Take(1);
  const size_t run = RunTaken(&pool);
  for (int i = 0; i < 1000; i++) {
    CHECK(pool.Open(heap.env(), run, 0, kSlab, true) != nullptr);
    heap.Collect();
  }
  CHECK(heap.references.size() < 10);
  pool.Retire(run, 1);
  heap.Collect();
  CHECK(pool.Poll(heap.env(), true) == kSlab);
  // The canary's is left.
  CHECK(heap.references.size() <= 1);
}

TEST("pool: it grows by arenas up to its limit") {
  Pool pool(Config(4, 10));
  CHECK(Count(&pool, kArenas) == 0);
  for (int i = 0; i < 10; i++) CHECK(pool.Take(kSlab) == Refusal::kNone);
  CHECK(Count(&pool, kArenas) == 3);
  CHECK(Count(&pool, kMappedBytes) == 10 * kSlab);
  CHECK(pool.Take(1) == Refusal::kMaxBytes);
  CHECK(Count(&pool, kTakenSlabs) == 10);
}

TEST("pool: what is larger than an arena gets one of its own size, the limit permitting") {
  Pool pool(Config(4, 20));
  CHECK(pool.Take(9 * kSlab + 1) == Refusal::kNone);
  CHECK(Count(&pool, kMappedBytes) == 10 * kSlab);
  CHECK(pool.Take(11 * kSlab) == Refusal::kMaxBytes);
  CHECK(pool.Take(SIZE_MAX) == Refusal::kMaxBytes);
}

TEST("pool: what the kernel cannot map is refused and counted, after smaller arenas were tried") {
  PoolConfig config = Config(4, 0);
  config.max_bytes = size_t{1} << 61;
  Pool pool(config);
  CHECK(pool.Take(size_t{1} << 60) == Refusal::kMemory);
  CHECK(Count(&pool, kRefusedMappings) >= 1);
  CHECK(Count(&pool, kArenas) == 0);
  CHECK(pool.Take(1) == Refusal::kNone);
}

TEST("pool: the slab size changes only while nothing is mapped") {
  FakeHeap heap;
  Pool pool(Config(4, 4));
  PoolConfig other = Config(4, 4);
  other.slab_bytes = 2 * kSlab;
  CHECK(pool.Configure(other));
  CHECK(pool.Configure(Config(4, 4)));
  pool.Take(1);
  CHECK(!pool.Configure(other));
  pool.Retire(RunTaken(&pool), 0);
  pool.Poll(heap.env(), true);
  pool.Trim();
  CHECK(Count(&pool, kArenas) == 0);
  CHECK(pool.Configure(other));
}

TEST("pool: trimming gives back what is free and leaves what is in use") {
  FakeHeap heap;
  Pool pool(Config(4, 8));
  pool.Take(4 * kSlab);
  const size_t kept = RunTaken(&pool);
  napi_value buffer = pool.Open(heap.env(), kept, 0, kSlab, true);
  std::memset(FakeHeap::At(buffer)->data, 7, kSlab);
  pool.Take(4 * kSlab);
  const size_t dropped = RunTaken(&pool);
  napi_value other = pool.Open(heap.env(), dropped, 0, kSlab, true);
  std::memset(FakeHeap::At(other)->data, 8, kSlab);
  CHECK(Count(&pool, kArenas) == 2);
  heap.Hold(buffer);
  pool.Retire(dropped, kSlab);
  heap.Collect();
  pool.Poll(heap.env(), true);
  CHECK(pool.Trim() >= kSlab);
  CHECK(Count(&pool, kArenas) == 1);
  CHECK(static_cast<char*>(FakeHeap::At(buffer)->data)[kSlab - 1] == 7);
}

TEST("pool: a run whose pages were given back reads as zero, and stays in use") {
  FakeHeap heap;
  Pool pool(Config(4, 4));
  pool.Take(2 * kSlab);
  const size_t run = RunTaken(&pool);
  napi_value buffer = pool.Open(heap.env(), run, 0, 2 * kSlab, true);
  heap.Hold(buffer);
  char* const start = static_cast<char*>(FakeHeap::At(buffer)->data);
  std::memset(start, 7, 2 * kSlab);
  pool.MarkDirty(run, 2 * kSlab);
  CHECK(pool.Discard(run) >= kSlab + 1);
  CHECK(kernel::ResidentBytes(start, 2 * kSlab) == 0);
  CHECK(start[0] == 0 && start[2 * kSlab - 1] == 0);
  CHECK(pool.Discard(run) <= 8192);
  pool.Zero(run, 2 * kSlab);
  CHECK(start[kSlab] == 0);
  CHECK(Count(&pool, kTakenSlabs) == 2);
}

// Users of runs of two slabs, who all touch one page in so many.
class Touching {
 public:
  Touching() : pool_(Config(4, 4)) {
    pool_.Take(2 * kSlab);
    run_ = RunTaken(&pool_);
    napi_value buffer = pool_.Open(heap_.env(), run_, 0, 2 * kSlab, true);
    heap_.Hold(buffer);
    start_ = static_cast<char*>(FakeHeap::At(buffer)->data);
  }

  // How many of so many runs come with their pages given back.
  int GivenBack(int runs, size_t stride) {
    int given_back = 0;
    for (int i = 0; i < runs; i++) {
      pool_.Zero(run_, 2 * kSlab);
      if (kernel::ResidentBytes(start_, 2 * kSlab) == 0) given_back++;
      for (size_t page = 0; page < 2 * kSlab / 4096; page += stride) start_[page * 4096] = 1;
      pool_.MarkDirty(run_, 2 * kSlab);
    }
    return given_back;
  }

 private:
  FakeHeap heap_;
  Pool pool_;
  size_t run_;
  char* start_;
};

#ifdef __linux__
TEST("pool: what was written and then swapped out is not handed out as zero") {
  FakeHeap heap;
  Pool pool(Config(4, 4));
  // New memory, so that what is touched of it is looked at when it is free.
  for (int i = 0; i < 2; i++) {
    pool.Take(2 * kSlab);
    const size_t run = RunTaken(&pool);
    napi_value buffer = pool.Open(heap.env(), run, 0, 2 * kSlab, true);
    heap.Hold(buffer);
    char* const start = static_cast<char*>(FakeHeap::At(buffer)->data);
    pool.Zero(run, 2 * kSlab);
    CHECK(start[0] == 0 && start[2 * kSlab - 1] == 0);
    std::memset(start, 7, 2 * kSlab);
    const test::SwappedOut everything;
    pool.Retire(run, 2 * kSlab);
    heap.Drop(buffer);
    heap.Collect();
    CHECK(pool.Poll(heap.env(), true) == 2 * kSlab);
  }
}
#endif

TEST("pool: what is touched to a half at most is given back, and else overwritten") {
  Touching an_eighth;
  an_eighth.GivenBack(144, 8);
  CHECK(an_eighth.GivenBack(16, 8) == 16);
  Touching half;
  half.GivenBack(144, 2);
  CHECK(half.GivenBack(16, 2) == 16);
  Touching all;
  // To see whether it still is.
  all.GivenBack(256, 1);
  CHECK(all.GivenBack(1280, 1) == 10);
}

TEST(
    "pool: where slabs are huge pages, what zeroing takes is measured in memory that reads as zero "
    "then") {
  FakeHeap heap;
  PoolConfig config = Config(0, 0);
  config.slab_bytes = kernel::kHugePage;
  config.arena_bytes = config.max_bytes = 2 * kernel::kHugePage;
  Pool pool(config);
  const size_t bytes = 2 * kernel::kHugePage - 100;
  for (int i = 0; i < 3; i++) {
    CHECK(pool.Take(bytes) == Refusal::kNone);
    const size_t run = RunTaken(&pool);
    napi_value buffer = pool.Open(heap.env(), run, 0, bytes, true);
    heap.Hold(buffer);
    char* const start = static_cast<char*>(FakeHeap::At(buffer)->data);
    pool.Zero(run, bytes);
    CHECK(std::all_of(start, start + bytes, [](char byte) { return byte == 0; }));
    std::memset(start, 7, bytes);
    pool.Retire(run, bytes);
    heap.Drop(buffer);
    heap.Collect();
    CHECK(pool.Poll(heap.env(), true) == 2 * kernel::kHugePage);
  }
}

TEST("pool: users who no longer touch what they get are noticed soon, and those who do again") {
  Touching users;
  users.GivenBack(1000, 1);
  users.GivenBack(160, 8);
  CHECK(users.GivenBack(16, 8) == 16);
  users.GivenBack(32, 1);
  CHECK(users.GivenBack(16, 1) <= 1);
}

TEST("pool: in random programs runs are zero when asked, never shared, and the counters add up") {
  struct Held {
    size_t run;
    size_t bytes;
    napi_value buffer;
    char pattern;
  };
  std::mt19937 random(2);
  FakeHeap heap;
  Pool pool(Config(16, 64));
  std::vector<Held> held;
  std::vector<Held> retired;
  const auto intact = [](const Held& one) {
    const auto* bytes = static_cast<char*>(FakeHeap::At(one.buffer)->data);
    return bytes[0] == one.pattern && bytes[one.bytes - 1] == one.pattern;
  };
  const auto take = [](std::vector<Held>* list, size_t index) {
    const Held one = (*list)[index];
    list->erase(list->begin() + static_cast<std::ptrdiff_t>(index));
    return one;
  };
  for (int step = 0; step < 20'000; step++) {
    const unsigned choice = random() % 100;
    if (choice < 45) {
      const size_t bytes = 1 + random() % (3 * kSlab);
      if (pool.Take(bytes) != Refusal::kNone) continue;
      const size_t run = RunTaken(&pool);
      const char pattern = static_cast<char>(1 + random() % 127);
      napi_value buffer = pool.Open(heap.env(), run, 0, bytes, true);
      heap.Hold(buffer);
      auto* data = static_cast<char*>(FakeHeap::At(buffer)->data);
      pool.Zero(run, bytes);
      CHECK(data[0] == 0 && data[bytes / 2] == 0 && data[bytes - 1] == 0);
      data[0] = data[bytes / 2] = data[bytes - 1] = pattern;
      held.push_back({run, bytes, buffer, pattern});
    } else if (choice < 70 && !held.empty()) {
      const Held one = take(&held, random() % held.size());
      CHECK(intact(one));
      pool.Retire(one.run, one.bytes);
      retired.push_back(one);
    } else if (choice < 90 && !retired.empty()) {
      const Held one = take(&retired, random() % retired.size());
      CHECK(intact(one));
      heap.Drop(one.buffer);
    } else if (choice < 98) {
      heap.Collect();
      pool.Poll(heap.env(), random() % 2 == 0);
    } else {
      pool.Trim();
    }
    CHECK(Count(&pool, kFreeSlabs) + Count(&pool, kTakenSlabs) + Count(&pool, kWaitingSlabs) ==
          Count(&pool, kMappedBytes) / kSlab);
  }
  for (const Held& one : held) CHECK(intact(one));
  for (const Held& one : retired) CHECK(intact(one));
}

// The kernel refuses policies for nodes that it does not have; the pool keeps them apart all the
// same.
PoolConfig OnNode(int node, size_t arena_slabs, size_t max_slabs) {
  PoolConfig config = Config(arena_slabs, max_slabs);
  config.placement = {node, {0, 1}};
  return config;
}

double HomeTaken(Pool* pool) { return Count(pool, kRunHome); }

TEST("pool: slabs come from an arena of the node that they are to lie on") {
  Pool pool(OnNode(0, 4, 12));
  CHECK(pool.Take(kSlab) == Refusal::kNone);
  CHECK(HomeTaken(&pool) == 0);
  pool.Configure(OnNode(1, 4, 12));
  CHECK(pool.Take(kSlab) == Refusal::kNone);
  CHECK(HomeTaken(&pool) == 1);
  CHECK(Count(&pool, kArenas) == 2);
  pool.Configure(OnNode(kInterleaved, 4, 12));
  CHECK(pool.Take(kSlab) == Refusal::kNone);
  CHECK(HomeTaken(&pool) == kInterleaved);
  pool.Configure(OnNode(0, 4, 12));
  CHECK(pool.Take(2 * kSlab) == Refusal::kNone);
  CHECK(HomeTaken(&pool) == 0);
  CHECK(Count(&pool, kArenas) == 3);
}

TEST("pool: at the limit what is free elsewhere makes room, and what is not is used") {
  FakeHeap heap;
  Pool pool(OnNode(0, 4, 4));
  CHECK(pool.Take(kSlab) == Refusal::kNone);
  const size_t run = RunTaken(&pool);
  pool.Configure(OnNode(1, 4, 4));
  CHECK(pool.Take(kSlab) == Refusal::kNone);
  CHECK(HomeTaken(&pool) == 0);
  pool.Retire(run, 1);
  pool.Retire(RunTaken(&pool), 1);
  CHECK(pool.Poll(heap.env(), true) == 2 * kSlab);
  CHECK(pool.Take(kSlab) == Refusal::kNone);
  CHECK(HomeTaken(&pool) == 1);
  CHECK(Count(&pool, kArenas) == 1);
  CHECK(Count(&pool, kMappedBytes) == 4 * kSlab);
  CHECK(Count(&pool, kFreeSlabs) == 3);
  CHECK(pool.Take(4 * kSlab) == Refusal::kMaxBytes);
}

TEST(
    "pool: at the limit free arenas make room for what is larger than any, when there are enough") {
  FakeHeap heap;
  Pool pool(Config(4, 12));
  size_t runs[3];
  for (size_t& run : runs) {
    CHECK(pool.Take(4 * kSlab) == Refusal::kNone);
    run = RunTaken(&pool);
  }
  CHECK(Count(&pool, kArenas) == 3);
  for (const size_t run : {runs[0], runs[2]}) pool.Retire(run, 4 * kSlab);
  pool.Poll(heap.env(), true);
  CHECK(pool.Take(9 * kSlab) == Refusal::kMaxBytes);
  CHECK(Count(&pool, kArenas) == 3);
  CHECK(pool.Take(7 * kSlab) == Refusal::kNone);
  CHECK(Count(&pool, kArenas) == 2);
  CHECK(Count(&pool, kMappedBytes) == 11 * kSlab);
  CHECK(Count(&pool, kTakenSlabs) == 11);
  CHECK(Count(&pool, kFreeSlabs) == 0);
}

TEST("pool: at the limit no more arenas are unmapped than have to be") {
  FakeHeap heap;
  Pool pool(Config(4, 16));
  size_t runs[4];
  for (size_t& run : runs) {
    CHECK(pool.Take(4 * kSlab) == Refusal::kNone);
    run = RunTaken(&pool);
  }
  for (const size_t run : runs) pool.Retire(run, 4 * kSlab);
  pool.Poll(heap.env(), true);
  CHECK(pool.Take(5 * kSlab) == Refusal::kNone);
  CHECK(Count(&pool, kArenas) == 3);
  CHECK(Count(&pool, kMappedBytes) == 13 * kSlab);
}

TEST("pool: memory of one node has no home") {
  PoolConfig config = Config(4, 4);
  config.placement = {0, {0}};
  Pool pool(config);
  CHECK(pool.CurrentHome() == kAnywhere);
}

TEST("pool: pages are counted where the kernel says they are, or it is said why not") {
  FakeHeap heap;
  Pool pool(Config(16, 16));
  CHECK(pool.CountPages(100).by_node.empty());
  CHECK(pool.Take(2 * kSlab) == Refusal::kNone);
  napi_value buffer = pool.Open(heap.env(), RunTaken(&pool), 0, 2 * kSlab, true);
  std::memset(FakeHeap::At(buffer)->data, 1, 2 * kSlab);
  const Census census = pool.CountPages(1000);
  if (census.error != 0) return;
  CHECK(census.stride == 1);
  double pages = 0;
  for (const auto& [node, count] : census.by_node) pages += count.base;
  CHECK(pages == static_cast<double>(2 * kSlab / kernel::PageBytes()));
  const Census sample = pool.CountPages(3);
  CHECK(sample.stride * 3 >= 2 * kSlab / kernel::PageBytes());
}

}  // namespace
}  // namespace arena_pirate
