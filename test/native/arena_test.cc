#include "arena.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <random>
#include <vector>

#include "check.h"

namespace arena_pirate {
namespace {

constexpr size_t kSlab = size_t{64} << 10;

std::unique_ptr<Arena> Map(size_t slabs) {
  Refusals refusals;
  return Arena::Map(kSlab, slabs, false, kAnywhere, {}, &refusals);
}

bool IsZero(const char* bytes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (bytes[i] != 0) return false;
  }
  return true;
}

TEST("arena: a size that overflows is refused") { CHECK(Map(SIZE_MAX / kSlab + 1) == nullptr); }

TEST("arena: runs are adjacent, the lowest first, and never too long") {
  const auto arena = Map(8);
  CHECK(arena->Take(3) == 0);
  CHECK(arena->Take(2) == 3);
  CHECK(arena->Take(4) == Arena::kNone);
  CHECK(arena->Take(3) == 5);
  CHECK(arena->Take(1) == Arena::kNone);
  arena->Free({3, 2}, 0);
  CHECK(arena->Take(3) == Arena::kNone);
  CHECK(arena->Take(1) == 3);
  arena->Free({0, 3}, 0);
  CHECK(arena->Take(1) == 0);
  CHECK(!arena->IsFree());
  arena->Free({0, 1}, 0);
  arena->Free({3, 1}, 0);
  arena->Free({5, 3}, 0);
  CHECK(arena->IsFree());
  CHECK(arena->Take(8) == 0);
}

TEST("arena: what was used is dirty, slab by slab, until it is zeroed by giving pages back") {
  const auto arena = Map(4);
  arena->Take(3);
  arena->Free({0, 3}, kSlab + 100);
  CHECK(arena->Dirty(0) == kSlab);
  CHECK(arena->Dirty(1) == 100);
  CHECK(arena->Dirty(2) == 0);
  CHECK(arena->IsClean({2, 2}, 2 * kSlab));
  CHECK(!arena->IsClean({0, 2}, 1));
  CHECK(!arena->IsClean({1, 2}, 1));
  // Less use later does not make it cleaner.
  arena->MarkDirty({1, 1}, 10);
  CHECK(arena->Dirty(1) == 100);
  arena->Zero({0, 3}, 3 * kSlab, Zeroing::kDiscard);
  CHECK(arena->IsClean({0, 4}, 4 * kSlab));
}

TEST("arena: zeroing reaches as far as asked, whichever way, and no further") {
  for (const Zeroing zeroing : {Zeroing::kFill, Zeroing::kDiscard}) {
    const auto arena = Map(4);
    const size_t first = arena->Take(4);
    std::memset(arena->SlabAddress(first), 0x5a, 4 * kSlab);
    arena->Free({first, 4}, 4 * kSlab);
    arena->Take(4);
    arena->Zero({first, 4}, 2 * kSlab + 5, zeroing);
    CHECK(IsZero(arena->SlabAddress(first), 2 * kSlab + 5));
    CHECK(arena->SlabAddress(3)[0] == 0x5a);
  }
}

TEST(
    "arena: slabs that are dirty to different extents are zeroed as far as each is, and no "
    "further") {
  constexpr size_t kUsed[] = {kSlab, kSlab, 100, 0, kSlab, kSlab - 1, kSlab, kSlab};
  constexpr size_t kCount = sizeof(kUsed) / sizeof(kUsed[0]);
  for (const size_t bytes : {kCount * kSlab, 7 * kSlab + 9, 5 * kSlab, size_t{70}}) {
    const auto arena = Map(kCount);
    arena->Take(kCount);
    // What nobody has marked stays as it is, which shows how far zeroing reaches.
    std::memset(arena->SlabAddress(0), 0x5a, kCount * kSlab);
    for (size_t i = 0; i < kCount; i++) arena->MarkDirty({i, 1}, kUsed[i]);
    arena->Zero({0, kCount}, bytes, Zeroing::kFill);
    for (size_t i = 0; i < kCount; i++) {
      const size_t asked = std::min(bytes, (i + 1) * kSlab) - std::min(bytes, i * kSlab);
      const size_t zeroed = std::min(asked, kUsed[i]);
      const char* const slab = arena->SlabAddress(i);
      CHECK(IsZero(slab, zeroed));
      CHECK(zeroed == kSlab || slab[zeroed] == 0x5a);
    }
  }
}

TEST("arena: free slabs are given back, taken ones are not") {
  const auto arena = Map(4);
  arena->Take(2);
  std::memset(arena->SlabAddress(0), 1, 2 * kSlab);
  arena->Free({0, 1}, kSlab);
  CHECK(arena->DiscardFree() == kSlab);
  CHECK(IsZero(arena->SlabAddress(0), kSlab));
  CHECK(arena->SlabAddress(1)[kSlab - 1] == 1);
  CHECK(arena->DiscardFree() == 0);
}

TEST("arena: in random programs no two runs share a slab and no pattern is lost") {
  struct Run {
    SlabRange slabs;
    unsigned char pattern;
  };
  std::mt19937 random(1);
  const auto arena = Map(64);
  std::vector<Run> runs;
  for (int step = 0; step < 5000; step++) {
    const size_t count = 1 + random() % 6;
    const size_t first = random() % 2 == 0 ? arena->Take(count) : Arena::kNone;
    if (first != Arena::kNone) {
      for (const Run& run : runs) {
        CHECK(first + count <= run.slabs.first || run.slabs.first + run.slabs.count <= first);
      }
      arena->Zero({first, count}, count * kSlab,
                  random() % 2 == 0 ? Zeroing::kFill : Zeroing::kDiscard);
      // The ends of each slab: all of it would take minutes under a sanitizer.
      const auto pattern = static_cast<unsigned char>(1 + random() % 255);
      for (size_t i = 0; i < count; i++) {
        char* slab = arena->SlabAddress(first + i);
        CHECK(slab[0] == 0 && slab[kSlab - 1] == 0);
        slab[0] = slab[kSlab - 1] = static_cast<char>(pattern);
      }
      runs.push_back({{first, count}, pattern});
    } else if (!runs.empty()) {
      const size_t chosen = random() % runs.size();
      const Run run = runs[chosen];
      for (size_t i = 0; i < run.slabs.count; i++) {
        const char* slab = arena->SlabAddress(run.slabs.first + i);
        CHECK(slab[0] == static_cast<char>(run.pattern));
        CHECK(slab[kSlab - 1] == static_cast<char>(run.pattern));
      }
      arena->Free(run.slabs, run.slabs.count * kSlab);
      runs.erase(runs.begin() + static_cast<std::ptrdiff_t>(chosen));
    }
    CHECK(arena->IsFree() == runs.empty());
  }
}

}  // namespace
}  // namespace arena_pirate
