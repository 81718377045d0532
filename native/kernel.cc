#include "kernel.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <vector>

#ifdef __linux__
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

namespace arena_pirate::kernel {

namespace {

#ifdef __linux__
// From <linux/prctl.h> and <linux/fs.h>, which older distributions ship without
// these names.
constexpr int kPrSetVma = 0x53564d41;
constexpr unsigned long kPrSetVmaAnonName = 0;

struct PageRegion {
  uint64_t start, end, categories;
};

struct PageScan {
  uint64_t size, flags, start, end, walk_end, regions, region_count, max_pages;
  uint64_t inverted_categories, categories, any_categories, returned_categories;
};

constexpr unsigned long kPagemapScan = _IOWR('f', 16, PageScan);
constexpr uint64_t kPageIsHuge = uint64_t{1} << 6;
constexpr size_t kRegionsPerScan = 512;
#endif

// Pages asked about in one mincore call; bounds the answer's buffer to 64 KiB.
constexpr size_t kPagesPerQuery = size_t{64} << 10;

}  // namespace

void* Reserve(size_t bytes, size_t alignment) {
  size_t padded;
  if (__builtin_add_overflow(bytes, alignment, &padded)) return nullptr;
  int flags = MAP_PRIVATE | MAP_ANONYMOUS;
#ifdef MAP_NORESERVE
  flags |= MAP_NORESERVE;
#endif
  void* raw = mmap(nullptr, padded, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (raw == MAP_FAILED) return nullptr;
  const uintptr_t start = reinterpret_cast<uintptr_t>(raw);
  const uintptr_t base = (start + alignment - 1) & ~(uintptr_t{alignment} - 1);
  const size_t before = base - start;
  const size_t after = padded - before - bytes;
  if (before > 0) munmap(raw, before);
  if (after > 0) munmap(reinterpret_cast<void*>(base + bytes), after);
  return reinterpret_cast<void*>(base);
}

void Unmap(void* base, size_t bytes) { munmap(base, bytes); }

bool AdviseHugePages(void* base, size_t bytes) {
#ifdef MADV_HUGEPAGE
  return madvise(base, bytes, MADV_HUGEPAGE) == 0;
#else
  (void)base, (void)bytes;
  return false;
#endif
}

bool Discard(void* base, size_t bytes) {
#ifdef __linux__
  return madvise(base, bytes, MADV_DONTNEED) == 0;
#else
  // Elsewhere MADV_DONTNEED is only a hint: a fresh mapping on top is what
  // makes the range read as zero.
  return mmap(base, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
              0) == base;
#endif
}

#ifdef __linux__

bool SetPolicy(void* base, size_t bytes, Policy policy, const std::vector<int>& nodes) {
  constexpr size_t kWordBits = sizeof(unsigned long) * CHAR_BIT;
  std::vector<unsigned long> mask;
  for (const int node : nodes) {
    const size_t bit = static_cast<size_t>(node);
    mask.resize(std::max(mask.size(), bit / kWordBits + 1));
    mask[bit / kWordBits] |= 1UL << (bit % kWordBits);
  }
  // The kernel looks at one bit less than it is told there are.
  const unsigned long bits = mask.empty() ? 0 : mask.size() * kWordBits + 1;
  return syscall(SYS_mbind, base, bytes, static_cast<int>(policy),
                 mask.empty() ? nullptr : mask.data(), bits, 0U) == 0;
}

int PageNodes(const std::vector<void*>& pages, std::vector<int>* nodes) {
  nodes->assign(pages.size(), -1);
  if (pages.empty()) return 0;
  const long failed =
      syscall(SYS_move_pages, 0, pages.size(), pages.data(), nullptr, nodes->data(), 0);
  return failed < 0 ? errno : 0;
}

bool FindHugePages(void* base, size_t bytes, std::vector<void*>* pages) {
  // With larger base pages a huge one has another size, which is not told here.
  if (PageBytes() != 4096) return false;
  const int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  if (pagemap < 0) return false;
  std::vector<PageRegion> regions(kRegionsPerScan);
  PageScan scan{};
  scan.size = sizeof(scan);
  scan.start = reinterpret_cast<uintptr_t>(base);
  scan.end = scan.start + bytes;
  scan.regions = reinterpret_cast<uintptr_t>(regions.data());
  scan.region_count = regions.size();
  scan.categories = scan.returned_categories = kPageIsHuge;
  int found;
  while ((found = ioctl(pagemap, kPagemapScan, &scan)) >= 0) {
    for (int i = 0; i < found; i++) {
      for (uint64_t page = regions[i].start; page < regions[i].end; page += kHugePage) {
        pages->push_back(reinterpret_cast<void*>(page));
      }
    }
    if (scan.walk_end >= scan.end) break;
    scan.start = scan.walk_end;
  }
  close(pagemap);
  return found >= 0;
}

#else

bool SetPolicy(void*, size_t, Policy, const std::vector<int>&) { return false; }
int PageNodes(const std::vector<void*>&, std::vector<int>*) { return ENOSYS; }
bool FindHugePages(void*, size_t, std::vector<void*>*) { return false; }

#endif

bool NameRange(void* base, size_t bytes, const char* name) {
#ifdef __linux__
  return prctl(kPrSetVma, kPrSetVmaAnonName, base, bytes, name) == 0;
#else
  (void)base, (void)bytes, (void)name;
  return false;
#endif
}

size_t PageBytes() { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }

double ResidentBytes(const void* base, size_t bytes) {
  const size_t page = PageBytes();
  size_t pages = bytes / page;
#ifdef __linux__
  std::vector<unsigned char> present(std::min(pages, kPagesPerQuery));
#else
  std::vector<char> present(std::min(pages, kPagesPerQuery));
#endif
  auto* at = static_cast<char*>(const_cast<void*>(base));
  size_t resident = 0;
  while (pages > 0) {
    const size_t asked = std::min(pages, kPagesPerQuery);
    if (mincore(at, asked * page, present.data()) != 0) return -1;
    for (size_t i = 0; i < asked; i++) resident += present[i] & 1;
    at += asked * page;
    pages -= asked;
  }
  return static_cast<double>(resident * page);
}

}  // namespace arena_pirate::kernel
