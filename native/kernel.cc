#include "kernel.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

namespace arena_pirate::kernel {

namespace {

#ifdef __linux__
// From <linux/mempolicy.h> and <linux/prctl.h>, which older distributions ship
// without these names.
constexpr int kMpolLocal = 4;
constexpr int kPrSetVma = 0x53564d41;
constexpr unsigned long kPrSetVmaAnonName = 0;
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

bool BindLocal(void* base, size_t bytes) {
#if defined(__linux__) && defined(SYS_mbind)
  return syscall(SYS_mbind, base, bytes, kMpolLocal, nullptr, 0UL, 0U) == 0;
#else
  (void)base, (void)bytes;
  return false;
#endif
}

bool NameRange(void* base, size_t bytes, const char* name) {
#ifdef __linux__
  return prctl(kPrSetVma, kPrSetVmaAnonName, base, bytes, name) == 0;
#else
  (void)base, (void)bytes, (void)name;
  return false;
#endif
}

double ResidentBytes(const void* base, size_t bytes) {
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
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
