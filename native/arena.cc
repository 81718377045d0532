#include "arena.h"

#include <algorithm>
#include <cstring>

#include "kernel.h"

namespace arena_pirate {

std::unique_ptr<Arena> Arena::Map(size_t slab_bytes, size_t slab_count, bool huge_pages, Home home,
                                  const std::vector<int>& nodes, Refusals* refusals) {
  size_t bytes;
  if (__builtin_mul_overflow(slab_bytes, slab_count, &bytes)) return nullptr;
  void* base = kernel::Reserve(bytes, std::max(slab_bytes, kernel::kHugePage));
  if (base == nullptr) return nullptr;
  refusals->huge_pages = huge_pages && !kernel::AdviseHugePages(base, bytes);
  refusals->numa_policy = !Bind(base, bytes, home, nodes);
  refusals->name = !kernel::NameRange(base, bytes, "arena-pirate");
  return std::unique_ptr<Arena>(new Arena(static_cast<char*>(base), slab_bytes, slab_count, home));
}

Arena::Arena(char* base, size_t slab_bytes, size_t slab_count, Home home)
    : base_(base),
      slab_bytes_(slab_bytes),
      home_(home),
      free_count_(slab_count),
      taken_(slab_count, false),
      dirty_(slab_count, 0) {}

Arena::~Arena() { kernel::Unmap(base_, bytes()); }

size_t Arena::Take(size_t count) {
  if (free_count_ < count) return kNone;
  while (lowest_free_ < slab_count() && taken_[lowest_free_]) lowest_free_++;
  size_t adjacent = 0;
  for (size_t slab = lowest_free_; slab < slab_count(); slab++) {
    adjacent = taken_[slab] ? 0 : adjacent + 1;
    if (adjacent < count) continue;
    const size_t first = slab + 1 - count;
    std::fill_n(taken_.begin() + first, count, true);
    free_count_ -= count;
    return first;
  }
  return kNone;
}

void Arena::MarkDirty(SlabRange slabs, size_t used) {
  for (size_t i = 0; i < slabs.count; i++) {
    const size_t before = std::min(used, i * slab_bytes_);
    size_t& dirty = dirty_[slabs.first + i];
    dirty = std::max(dirty, std::min(used - before, slab_bytes_));
  }
}

void Arena::Free(SlabRange slabs, size_t used) {
  MarkDirty(slabs, used);
  std::fill_n(taken_.begin() + slabs.first, slabs.count, false);
  free_count_ += slabs.count;
  lowest_free_ = std::min(lowest_free_, slabs.first);
}

bool Arena::IsClean(SlabRange slabs, size_t bytes) const {
  const size_t covered = (bytes + slab_bytes_ - 1) / slab_bytes_;
  const auto dirty = dirty_.begin() + slabs.first;
  return std::all_of(dirty, dirty + covered, [](size_t d) { return d == 0; });
}

void Arena::Zero(SlabRange slabs, size_t bytes, Zeroing zeroing) {
  if (IsClean(slabs, bytes)) return;
  const size_t covered = (bytes + slab_bytes_ - 1) / slab_bytes_;
  const auto dirty = dirty_.begin() + slabs.first;
  char* const start = SlabAddress(slabs.first);
  // One call for the whole run: a call per slab would cost more than the pages.
  if (zeroing == Zeroing::kDiscard && kernel::Discard(start, covered * slab_bytes_)) {
    std::fill(dirty, dirty + covered, size_t{0});
    return;
  }
  // What is dirty to its end goes on in the next slab: of hundreds of MiB in one call
  // the processor takes a quarter less time than of as many slabs.
  size_t from = 0;
  for (size_t i = 0; i < covered; i++) {
    const size_t begin = i * slab_bytes_;
    const size_t end = begin + std::min(dirty[i], bytes - begin);
    const bool goes_on = i + 1 < covered && dirty[i] == slab_bytes_;
    if (goes_on) continue;
    std::memset(start + from, 0, end - from);
    from = begin + slab_bytes_;
  }
}

bool Arena::GiveBack(SlabRange slabs) {
  if (!kernel::Discard(SlabAddress(slabs.first), slabs.count * slab_bytes_)) return false;
  std::fill_n(dirty_.begin() + slabs.first, slabs.count, size_t{0});
  return true;
}

double Arena::Discard(SlabRange slabs) {
  const double resident = ResidentBytes(slabs, slabs.count * slab_bytes_);
  return GiveBack(slabs) ? std::max(resident, 0.0) : -1;
}

double Arena::DiscardFree() {
  double given_back = 0;
  for (size_t slab = 0; slab < slab_count(); slab++) {
    if (taken_[slab] || dirty_[slab] == 0) continue;
    given_back += std::max(Discard({slab, 1}), 0.0);
  }
  return given_back;
}

double Arena::ResidentBytes(SlabRange slabs, size_t bytes) const {
  const size_t covered = (bytes + slab_bytes_ - 1) / slab_bytes_;
  return kernel::ResidentBytes(SlabAddress(slabs.first), covered * slab_bytes_);
}

bool Arena::FindHugePages(std::vector<void*>* pages) const {
  return kernel::FindHugePages(base_, bytes(), pages);
}

void Arena::AppendTouched(std::vector<char*>* slabs) const {
  for (size_t slab = 0; slab < slab_count(); slab++) {
    if (taken_[slab] || dirty_[slab] > 0) slabs->push_back(SlabAddress(slab));
  }
}

double Arena::ResidentBytes() const { return kernel::ResidentBytes(base_, bytes()); }

}  // namespace arena_pirate
