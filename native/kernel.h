// Everything arena-pirate asks of the operating system, behind one contract:
// lengths are bytes and multiples of the page size, addresses are page-aligned,
// nothing here throws or aborts, and every refusal is reported to the caller,
// who counts it and goes on without.
#ifndef ARENA_PIRATE_KERNEL_H_
#define ARENA_PIRATE_KERNEL_H_

#include <cstddef>

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

// Places pages of the range on the NUMA node of the thread that first touches
// them, whatever the process's policy. False where the kernel has no such call
// or a sandbox refuses it.
bool BindLocal(void* base, size_t bytes);

// Names the range in /proc/self/maps. False before Linux 5.17 or without
// CONFIG_ANON_VMA_NAME.
bool NameRange(void* base, size_t bytes, const char* name);

// Bytes of the range that are in memory, or -1 when the kernel will not say.
double ResidentBytes(const void* base, size_t bytes);

}  // namespace arena_pirate::kernel

#endif  // ARENA_PIRATE_KERNEL_H_
