// The memory of one thread: its arenas, and the runs of slabs that are out on
// loan to JavaScript as external ArrayBuffers.
//
// A run is taken, opened as one or more ArrayBuffers, and retired when
// JavaScript keeps no reference of its own. A retired run is free again once
// V8 has collected each of its ArrayBuffers, which a weak Node-API reference
// tells without waiting for the event loop.
//
// Every member is touched by the owning thread alone.
#ifndef ARENA_PIRATE_POOL_H_
#define ARENA_PIRATE_POOL_H_

#include <node_api.h>

#include <cstddef>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "arena.h"
#include "placement.h"
#include "registry.h"

namespace arena_pirate {

struct PoolConfig {
  size_t arena_bytes;
  size_t slab_bytes;
  size_t max_bytes;
  bool huge_pages;
  Placement placement;
};

// On which NUMA nodes the memory of a pool lies.
struct Census {
  struct Pages {
    double base = 0;
    double huge = 0;
  };
  // Why the kernel would not say, or 0.
  int error = 0;
  // One page in so many was asked about, and counted so often.
  size_t stride = 1;
  bool huge_known = false;
  std::map<int, Pages> by_node;
};

// Why a run could not be had; the numbers are known to lib/native.ts.
enum class Refusal {
  kNone = 0,
  kMaxBytes = 1,  // the pool is as large as it may become
  kMemory = 2,    // the kernel refused the mapping
  kNoBuffer = 3,  // Node refused the ArrayBuffer (worker ending, sandboxed build)
};

class Pool {
 public:
  explicit Pool(const PoolConfig& config);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Applies to arenas mapped from now on. The slab size may change only while
  // nothing is mapped; false otherwise.
  bool Configure(const PoolConfig& config);

  // Takes slabs for `bytes`, of the thread's home if there is room. On success
  // kRunId, kRunHome and kDirtyBytes of the counters tell the run, its home, and
  // how far its first slab is dirty.
  Refusal Take(size_t bytes);

  // An ArrayBuffer over part of a run. With `tracked` the run stays out until
  // the buffer has been collected; an untracked one must be kept within the
  // lifetime of a tracked one by its owner. nullptr when Node refuses.
  napi_value Open(napi_env env, size_t run, size_t offset, size_t length, bool tracked);

  // Makes the first `bytes` of a run read as zero, as far as they may be dirty:
  // by giving the pages back, which is right for what is never touched, or by
  // overwriting them, which is faster for what is. What became of the runs
  // before this one decides.
  void Zero(size_t run, size_t bytes);

  // The first `used` bytes of a run have been in use.
  void MarkDirty(size_t run, size_t used);

  // Gives the pages of a run back; returns how many bytes were resident, or -1
  // when the kernel refuses. The run then reads as zero.
  double Discard(size_t run);

  // JavaScript is done with the run, of which the first `used` bytes may be
  // dirty: it is free once its buffers are gone.
  void Retire(size_t run, size_t used);

  // A number that changes when V8 has collected, of whatever kind. Costs one
  // weak-reference query.
  size_t Collections(napi_env env);

  // Frees the retired runs whose buffers have been collected; returns their
  // bytes. Costs one weak-reference query when no collection has happened
  // since the last call, unless `force`.
  size_t Poll(napi_env env, bool force);

  // Gives all free memory back to the OS; returns the bytes that were resident.
  double Trim();

  // Resident bytes of all arenas; -1 when the kernel will not say.
  double ResidentBytes() const;

  // Where memory that is taken now should lie.
  Home CurrentHome() const { return config_.placement.Current(); }

  // Asks the kernel where the pages are: about all of them up to `limit`, about
  // one in so many beyond.
  Census CountPages(size_t limit) const;

  // What is mapped, for somebody who unmaps it later than the pool would; nothing may be taken
  // from the pool any more.
  std::vector<std::unique_ptr<Arena>> LeaveArenas() { return std::move(arenas_); }

  Counters* counters() { return counters_.get(); }

 private:
  struct Run {
    Arena* arena = nullptr;
    SlabRange slabs{};
    size_t used = 0;
    // Its pages were absent when it was handed out, so that those present
    // later are the ones that were touched.
    bool untouched = false;
    std::vector<napi_ref> buffers;
  };

  bool TakeFrom(Arena* arena, size_t slabs);
  // Tries the arenas of `home`, or all others.
  bool TakeMapped(Home home, bool others, size_t slabs);
  Refusal Grow(Home home, size_t slabs);
  // Unmaps what is free altogether of other homes; returns whether there was any.
  bool UnmapFreeElsewhere(Home home);
  // Unmaps arenas that are free altogether until there is room for an arena of so many slabs;
  // none and false where there are too few.
  bool UnmapFreeFor(size_t slabs);
  // How many slabs could be mapped if so many bytes less were.
  size_t RoomWithout(size_t bytes) const;
  // Leaves an empty pointer, for ForgetUnmapped.
  void Unmap(std::unique_ptr<Arena>* arena);
  void ForgetUnmapped();
  void DropCollected(napi_env env, Run* run);
  // Finds out what overwriting memory takes and what new pages take, in slabs that
  // are about to be zeroed.
  void MeasureZeroing(const Run& run);
  // How many of the `used` bytes of a run are dirty; learns from it.
  size_t DirtyBytes(Run* run, size_t used);

  PoolConfig config_;
  std::vector<std::unique_ptr<Arena>> arenas_;
  size_t mapped_bytes_ = 0;
  std::vector<Run> runs_;
  std::vector<size_t> idle_runs_;
  std::vector<size_t> retired_runs_;
  // The share of zeroed runs that their users touched, recent ones counting most.
  double touched_share_ = 0;
  // Where it is larger, overwriting is the better way.
  double most_touched_share_;
  bool zeroing_measured_ = false;
  // How often runs are zeroed from one that shows whether they are touched to the next.
  size_t probe_interval_;
  size_t zeroings_until_probe_ = 0;
  // A weak reference to garbage: once it is gone, V8 has collected.
  napi_ref canary_ = nullptr;
  size_t collections_ = 0;
  size_t polled_at_ = 0;
  std::unique_ptr<Counters> counters_;
};

}  // namespace arena_pirate

#endif  // ARENA_PIRATE_POOL_H_
