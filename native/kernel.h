// Everything arena-pirate asks of the operating system, behind one contract:
// lengths are bytes and multiples of the page size, addresses are page-aligned,
// nothing here throws or aborts, and every refusal is reported to the caller,
// who counts it and goes on without.
#ifndef ARENA_PIRATE_KERNEL_H_
#define ARENA_PIRATE_KERNEL_H_

#include <cstddef>
#include <vector>

namespace arena_pirate::kernel {

// The size of a transparent huge page on x86-64 and (with 4 KiB pages) arm64.
inline constexpr size_t kHugePage = size_t{2} << 20;

// Private anonymous address space that reads as zero, aligned to `alignment`
// (a power of two). No memory is reserved for it. nullptr when refused.
void* Reserve(size_t bytes, size_t alignment);

// Ends a mapping made by Reserve.
void Unmap(void* base, size_t bytes);

// Asks for huge pages. False when the kernel has none.
bool AdviseHugePages(void* base, size_t bytes);

// Gives the pages back; the range stays mapped and reads as zero. False when
// refused, in which case the contents are unchanged.
bool Discard(void* base, size_t bytes);

// Which NUMA node the pages of a range come from, whatever the thread's policy.
enum class Policy {
  // That of the thread that first touches the page.
  kLocal = 4,
  // The only one of `nodes`, as long as it has memory left.
  kPreferred = 1,
  // All `nodes` in turn.
  kInterleave = 3,
};

// Applies to pages touched from now on. False where the kernel has no such
// call, a sandbox refuses it, or none of the nodes has memory for us.
bool SetPolicy(void* base, size_t bytes, Policy policy, const std::vector<int>& nodes);

// The NUMA node of each of the pages, negative for those not in memory. 0 or
// an errno.
int PageNodes(const std::vector<void*>& pages, std::vector<int>* nodes);

// Appends the starts of the huge pages in the range. False before Linux 6.7, or
// where they have another size than kHugePage.
bool FindHugePages(void* base, size_t bytes, std::vector<void*>* pages);

// Names the range in /proc/self/maps. False before Linux 5.17 or without
// CONFIG_ANON_VMA_NAME.
bool NameRange(void* base, size_t bytes, const char* name);

// Bytes of the range that are in memory, or -1 when the kernel will not say.
double ResidentBytes(const void* base, size_t bytes);

// The smallest page.
size_t PageBytes();

}  // namespace arena_pirate::kernel

#endif  // ARENA_PIRATE_KERNEL_H_
