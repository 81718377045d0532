// One arena: a mapping cut into slabs of equal size, handed out in runs of
// adjacent slabs. Knows which slabs are taken and how far each may be dirty;
// knows nothing of JavaScript.
#ifndef ARENA_PIRATE_ARENA_H_
#define ARENA_PIRATE_ARENA_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "placement.h"

namespace arena_pirate {

// What the kernel refused while an arena was made.
struct Refusals {
  bool huge_pages = false;
  bool numa_policy = false;
  bool name = false;
};

// Which slabs of an arena a run covers.
struct SlabRange {
  size_t first;
  size_t count;
};

// How dirty memory is made to read as zero again.
enum class Zeroing {
  // Overwrite with zeros: the memory stays resident and warm.
  kFill,
  // Give the pages back: nothing is touched until the user touches it.
  kDiscard,
};

class Arena {
 public:
  static constexpr size_t kNone = static_cast<size_t>(-1);

  // Maps `slab_count` slabs of `slab_bytes` (a power of two, at least a page)
  // that come from `home`, which may be all of `nodes`. nullptr when the kernel
  // refuses the address space; lesser refusals are noted in `refusals`.
  static std::unique_ptr<Arena> Map(size_t slab_bytes, size_t slab_count, bool huge_pages,
                                    Home home, const std::vector<int>& nodes, Refusals* refusals);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // The first of `count` adjacent free slabs, now taken, or kNone. The lowest
  // address wins: slabs used before are warm and resident, fresh ones are not.
  size_t Take(size_t count);

  // Frees slabs of which the first `used` bytes may have been written.
  void Free(SlabRange slabs, size_t used);

  // The first `used` bytes of the slabs may have been written.
  void MarkDirty(SlabRange slabs, size_t used);

  // Whether the first `bytes` of the slabs have not been written since the
  // kernel gave them.
  bool IsClean(SlabRange slabs, size_t bytes) const;

  // Makes the first `bytes` of the slabs read as zero.
  void Zero(SlabRange slabs, size_t bytes, Zeroing zeroing);

  // Gives the pages of the slabs back, which then read as zero. False when the
  // kernel refuses.
  bool GiveBack(SlabRange slabs);

  // The same; returns how many bytes were resident, or -1.
  double Discard(SlabRange slabs);

  // The same for all free slabs that may be dirty.
  double DiscardFree();

  char* SlabAddress(size_t slab) const { return base_ + slab * slab_bytes_; }
  // Bytes from the slab's start that may be other than zero.
  size_t Dirty(size_t slab) const { return dirty_[slab]; }
  size_t slab_count() const { return dirty_.size(); }
  size_t free_count() const { return free_count_; }
  size_t bytes() const { return slab_bytes_ * slab_count(); }
  double ResidentBytes() const;
  // Of the first `bytes` of the slabs.
  double ResidentBytes(SlabRange slabs, size_t bytes) const;
  // Where its pages were asked to come from.
  Home home() const { return home_; }

  bool IsFree() const { return free_count_ == slab_count(); }

  // Appends the starts of its huge pages. False when the kernel will not say.
  bool FindHugePages(std::vector<void*>* pages) const;

  // Appends the addresses of the slabs that may be in memory.
  void AppendTouched(std::vector<char*>* slabs) const;

 private:
  Arena(char* base, size_t slab_bytes, size_t slab_count, Home home);

  char* const base_;
  const size_t slab_bytes_;
  const Home home_;
  size_t free_count_;
  // No slab below this one is free; keeps Take from rescanning a full arena.
  size_t lowest_free_ = 0;
  std::vector<bool> taken_;
  std::vector<size_t> dirty_;
};

}  // namespace arena_pirate

#endif  // ARENA_PIRATE_ARENA_H_
