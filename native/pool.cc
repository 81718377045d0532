#include "pool.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>

#include "kernel.h"

namespace arena_pirate {

namespace {

// One in so many zeroed runs shows whether its user touches it: more rarely, the
// longer users do, as pages that come back cost half as much again as overwriting
// two slabs.
constexpr size_t kShortestProbeInterval = 16;
constexpr size_t kLongestProbeInterval = 128;

// Where a larger share of the memory is touched than this, overwriting takes less
// time. How large it is depends on the machine, and is measured once: a huge page
// that comes back takes 62 us and overwriting it 73 on a Xeon with 2 MiB of L2 (85
// and 100, cold), so that half of 4 MiB had better be given back and all of it not;
// 50 us and 22 on an EPYC.
constexpr double kLeastTouchedShare = 0.3;
constexpr double kMostTouchedShare = 0.6;

// Overwriting more than this takes long enough to be noticed, should the user
// not touch it after all.
constexpr size_t kLargestFill = size_t{256} << 20;

// Each is measured so often, and the least time counts.
constexpr int kMeasurements = 3;

template <typename Work>
double LeastNanoseconds(Work work) {
  using Clock = std::chrono::steady_clock;
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kMeasurements; i++) {
    const auto start = Clock::now();
    work();
    const std::chrono::duration<double, std::nano> took = Clock::now() - start;
    least = std::min(least, took.count());
  }
  return least;
}

}  // namespace

Pool::Pool(const PoolConfig& config)
    : config_(config),
      most_touched_share_(kMostTouchedShare),
      probe_interval_(kShortestProbeInterval),
      counters_(std::make_unique<Counters>()) {
  registry::Add(counters_.get());
}

// Runs in an environment cleanup hook that was added before any buffer was
// made. Node adds a hook for each external ArrayBuffer, in which it detaches
// it, and runs hooks last in, first out: no buffer of ours can be reached from
// JavaScript here. Threads of other addons may still use the memory of one.
Pool::~Pool() { registry::Remove(counters_.get()); }

bool Pool::Configure(const PoolConfig& config) {
  if (config.slab_bytes != config_.slab_bytes && !arenas_.empty()) return false;
  config_ = config;
  return true;
}

Refusal Pool::Take(size_t bytes) {
  const size_t slabs = bytes / config_.slab_bytes + (bytes % config_.slab_bytes != 0);
  const Home home = CurrentHome();
  if (TakeMapped(home, false, slabs)) return Refusal::kNone;
  Refusal refusal = Grow(home, slabs);
  if (refusal == Refusal::kMaxBytes && UnmapFreeElsewhere(home)) {
    refusal = Grow(home, slabs);
  }
  if (refusal != Refusal::kNone) {
    // Far memory is better than none.
    if (TakeMapped(home, true, slabs)) return Refusal::kNone;
    if (refusal == Refusal::kMaxBytes && UnmapFreeFor(slabs)) refusal = Grow(home, slabs);
  }
  if (refusal == Refusal::kNone) TakeFrom(arenas_.back().get(), slabs);
  return refusal;
}

bool Pool::TakeMapped(Home home, bool others, size_t slabs) {
  return std::any_of(arenas_.begin(), arenas_.end(), [=](const std::unique_ptr<Arena>& arena) {
    return (arena->home() == home) != others && TakeFrom(arena.get(), slabs);
  });
}

bool Pool::TakeFrom(Arena* arena, size_t slabs) {
  const size_t first = arena->Take(slabs);
  if (first == Arena::kNone) return false;
  size_t id;
  if (idle_runs_.empty()) {
    id = runs_.size();
    runs_.emplace_back();
  } else {
    id = idle_runs_.back();
    idle_runs_.pop_back();
  }
  Run& run = runs_[id];
  run.arena = arena;
  run.slabs = {first, slabs};
  run.untouched = false;
  counters_->Set(kRunId, static_cast<double>(id));
  counters_->Set(kRunHome, arena->home());
  counters_->Set(kDirtyBytes, static_cast<double>(arena->Dirty(first)));
  counters_->Add(kTakenSlabs, static_cast<double>(slabs));
  counters_->Add(kTakenBytes, static_cast<double>(slabs * config_.slab_bytes));
  counters_->Add(kFreeSlabs, -static_cast<double>(slabs));
  return true;
}

size_t Pool::RoomWithout(size_t bytes) const {
  const size_t mapped = mapped_bytes_ - bytes;
  return (config_.max_bytes - std::min(mapped, config_.max_bytes)) / config_.slab_bytes;
}

Refusal Pool::Grow(Home home, size_t slabs) {
  const size_t room = RoomWithout(0);
  if (room < slabs) return Refusal::kMaxBytes;
  const size_t wanted = std::min(std::max(config_.arena_bytes / config_.slab_bytes, slabs), room);
  // A limit on address space may leave room for a smaller arena only.
  for (size_t count = wanted;; count = std::max(count / 2, slabs)) {
    Refusals refusals;
    auto arena = Arena::Map(config_.slab_bytes, count, config_.huge_pages, home,
                            config_.placement.nodes, &refusals);
    if (arena != nullptr) {
      counters_->Add(kArenas, 1);
      counters_->Add(kReducedArenas, count < wanted);
      counters_->Add(kRefusedHugePages, refusals.huge_pages);
      counters_->Add(kRefusedPolicies, refusals.numa_policy);
      counters_->Add(kRefusedNames, refusals.name);
      counters_->Add(kFreeSlabs, static_cast<double>(count));
      mapped_bytes_ += arena->bytes();
      counters_->Set(kMappedBytes, static_cast<double>(mapped_bytes_));
      arenas_.push_back(std::move(arena));
      return Refusal::kNone;
    }
    counters_->Add(kRefusedMappings, 1);
    if (count == slabs) return Refusal::kMemory;
  }
}

napi_value Pool::Open(napi_env env, size_t run, size_t offset, size_t length, bool tracked) {
  Run& target = runs_[run];
  char* const start = target.arena->SlabAddress(target.slabs.first) + offset;
  napi_value buffer;
  if (napi_create_external_arraybuffer(env, start, length, nullptr, nullptr, &buffer) != napi_ok) {
    // The caller goes on without; what Node threw must not surface in code that
    // asked for an array.
    bool thrown = false;
    napi_value error;
    if (napi_is_exception_pending(env, &thrown) == napi_ok && thrown) {
      napi_get_and_clear_last_exception(env, &error);
    }
    return nullptr;
  }
  if (tracked) {
    // Only when the list would grow, so that a run reopened for ever costs no
    // more than its live buffers.
    if (target.buffers.size() == target.buffers.capacity()) DropCollected(env, &target);
    napi_ref reference;
    if (napi_create_reference(env, buffer, 0, &reference) != napi_ok) return nullptr;
    target.buffers.push_back(reference);
  }
  return buffer;
}

void Pool::Zero(size_t run, size_t bytes) {
  Run& target = runs_[run];
  if (!zeroing_measured_ && !target.arena->IsClean(target.slabs, bytes)) {
    MeasureZeroing(target);
  }
  // Memory that was overwritten is all present and tells nothing of its use:
  // now and then a run is handed out untouched to see.
  const bool probe = zeroings_until_probe_ == 0;
  zeroings_until_probe_ = (probe ? probe_interval_ : zeroings_until_probe_) - 1;
  target.untouched = probe || touched_share_ < most_touched_share_ || bytes > kLargestFill ||
                     target.arena->IsClean(target.slabs, bytes);
  target.arena->Zero(target.slabs, bytes, target.untouched ? Zeroing::kDiscard : Zeroing::kFill);
}

void Pool::MeasureZeroing(const Run& run) {
  zeroing_measured_ = true;
  // Smaller slabs share their pages with others.
  if (config_.slab_bytes < kernel::kHugePage) return;
  char* const start = run.arena->SlabAddress(run.slabs.first);
  const size_t bytes = kernel::kHugePage;
  bool given_back = true;
  const double touching = LeastNanoseconds([&] {
    given_back = kernel::Discard(start, bytes) && given_back;
    for (size_t at = 0; at < bytes; at += kernel::PageBytes()) {
      static_cast<volatile char*>(start)[at] = 0;
    }
  });
  const double overwriting = LeastNanoseconds([&] { std::memset(start, 0, bytes); });
  if (!given_back) return;
  most_touched_share_ = std::clamp(overwriting / touching, kLeastTouchedShare, kMostTouchedShare);
}

size_t Pool::DirtyBytes(Run* run, size_t used) {
  if (!run->untouched) return used;
  run->untouched = false;
  if (used == 0) return 0;
  const double present = run->arena->ResidentBytes(run->slabs, used);
  if (present < 0) return used;
  const double share = std::min(present / static_cast<double>(used), 1.0);
  touched_share_ = (touched_share_ + share) / 2;
  probe_interval_ = share < most_touched_share_
                        ? kShortestProbeInterval
                        : std::min(2 * probe_interval_, kLongestProbeInterval);
  // What has been swapped out is not present either, and comes back as it was
  // when somebody reads it: only what is given back now reads as zero.
  return present == 0 && run->arena->GiveBack(run->slabs) ? 0 : used;
}

void Pool::MarkDirty(size_t run, size_t used) {
  Run& target = runs_[run];
  target.arena->MarkDirty(target.slabs, DirtyBytes(&target, used));
}

double Pool::Discard(size_t run) {
  Run& target = runs_[run];
  return target.arena->Discard(target.slabs);
}

void Pool::Retire(size_t run, size_t used) {
  Run& target = runs_[run];
  target.used = used;
  retired_runs_.push_back(run);
  const double slabs = static_cast<double>(target.slabs.count);
  const double bytes = slabs * static_cast<double>(config_.slab_bytes);
  counters_->Add(kTakenSlabs, -slabs);
  counters_->Add(kTakenBytes, -bytes);
  counters_->Add(kWaitingSlabs, slabs);
  counters_->Add(kWaitingBytes, bytes);
}

// The canary is garbage from the moment it is made, so the first collection of
// any kind takes it.
size_t Pool::Collections(napi_env env) {
  if (canary_ != nullptr) {
    napi_value alive = nullptr;
    if (napi_get_reference_value(env, canary_, &alive) == napi_ok && alive != nullptr) {
      return collections_;
    }
    napi_delete_reference(env, canary_);
    canary_ = nullptr;
  }
  napi_value garbage;
  if (napi_create_object(env, &garbage) != napi_ok ||
      napi_create_reference(env, garbage, 0, &canary_) != napi_ok) {
    canary_ = nullptr;
  }
  return ++collections_;
}

void Pool::DropCollected(napi_env env, Run* run) {
  auto& buffers = run->buffers;
  const auto collected = [env](napi_ref reference) {
    napi_value alive = nullptr;
    // An error (an environment on its way out) must read as "still in use".
    if (napi_get_reference_value(env, reference, &alive) != napi_ok || alive != nullptr)
      return false;
    napi_delete_reference(env, reference);
    return true;
  };
  buffers.erase(std::remove_if(buffers.begin(), buffers.end(), collected), buffers.end());
}

size_t Pool::Poll(napi_env env, bool force) {
  const size_t collections = Collections(env);
  if (retired_runs_.empty() || (collections == polled_at_ && !force)) return 0;
  polled_at_ = collections;
  size_t freed_slabs = 0;
  size_t kept = 0;
  for (const size_t id : retired_runs_) {
    Run& run = runs_[id];
    DropCollected(env, &run);
    if (!run.buffers.empty()) {
      retired_runs_[kept++] = id;
      continue;
    }
    run.arena->Free(run.slabs, DirtyBytes(&run, run.used));
    freed_slabs += run.slabs.count;
    idle_runs_.push_back(id);
  }
  retired_runs_.resize(kept);
  const size_t freed = freed_slabs * config_.slab_bytes;
  counters_->Add(kWaitingSlabs, -static_cast<double>(freed_slabs));
  counters_->Add(kWaitingBytes, -static_cast<double>(freed));
  counters_->Add(kFreeSlabs, static_cast<double>(freed_slabs));
  return freed;
}

void Pool::Unmap(std::unique_ptr<Arena>* arena) {
  mapped_bytes_ -= (*arena)->bytes();
  counters_->Set(kMappedBytes, static_cast<double>(mapped_bytes_));
  counters_->Add(kArenas, -1);
  counters_->Add(kFreeSlabs, -static_cast<double>((*arena)->slab_count()));
  arena->reset();
}

void Pool::ForgetUnmapped() {
  arenas_.erase(std::remove(arenas_.begin(), arenas_.end(), nullptr), arenas_.end());
}

bool Pool::UnmapFreeElsewhere(Home home) {
  const size_t before = arenas_.size();
  for (auto& arena : arenas_) {
    if (arena->home() != home && arena->IsFree()) Unmap(&arena);
  }
  ForgetUnmapped();
  return arenas_.size() < before;
}

bool Pool::UnmapFreeFor(size_t slabs) {
  size_t free = 0;
  for (const auto& arena : arenas_) {
    if (arena->IsFree()) free += arena->bytes();
  }
  if (RoomWithout(free) < slabs) return false;
  // Those in front are taken from first, and warm.
  for (auto arena = arenas_.rbegin(); arena != arenas_.rend() && RoomWithout(0) < slabs; ++arena) {
    if ((*arena)->IsFree()) Unmap(&*arena);
  }
  ForgetUnmapped();
  return true;
}

double Pool::Trim() {
  double given_back = 0;
  for (auto& arena : arenas_) {
    if (arena->IsFree()) {
      given_back += std::max(arena->ResidentBytes(), 0.0);
      Unmap(&arena);
    } else {
      given_back += arena->DiscardFree();
    }
  }
  ForgetUnmapped();
  return given_back;
}

Census Pool::CountPages(size_t limit) const {
  const size_t page = kernel::PageBytes();
  Census census;
  std::vector<char*> slabs;
  std::vector<void*> huge;
  census.huge_known = true;
  for (const auto& arena : arenas_) {
    arena->AppendTouched(&slabs);
    census.huge_known = census.huge_known && arena->FindHugePages(&huge);
  }
  const size_t pages_per_slab = config_.slab_bytes / page;
  const size_t pages = slabs.size() * pages_per_slab;
  census.stride = std::max(pages / limit + (pages % limit != 0), size_t{1});
  // An even step would meet the same places of each slab only.
  if (census.stride > 1) census.stride |= 1;
  std::vector<void*> asked;
  for (size_t i = 0; i < pages; i += census.stride) {
    asked.push_back(slabs[i / pages_per_slab] + i % pages_per_slab * page);
  }
  std::vector<int> nodes;
  census.error = kernel::PageNodes(asked, &nodes);
  for (const int node : nodes) {
    if (node >= 0) census.by_node[node].base += static_cast<double>(census.stride);
  }
  if (census.error == 0) census.error = kernel::PageNodes(huge, &nodes);
  for (const int node : nodes) {
    if (node >= 0) census.by_node[node].huge += 1;
  }
  return census;
}

double Pool::ResidentBytes() const {
  double resident = 0;
  for (const auto& arena : arenas_) {
    const double bytes = arena->ResidentBytes();
    if (bytes < 0) return -1;
    resident += bytes;
  }
  return resident;
}

}  // namespace arena_pirate
