#include "fake_swap.h"

#ifdef __linux__

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

namespace arena_pirate::test {

static bool swapped_out = false;

SwappedOut::SwappedOut() { swapped_out = true; }
SwappedOut::~SwappedOut() { swapped_out = false; }

}  // namespace arena_pirate::test

// Instead of the C library's.
extern "C" int mincore(void* start, size_t length, unsigned char* present) noexcept {
  if (!arena_pirate::test::swapped_out) {
    return static_cast<int>(syscall(SYS_mincore, start, length, present));
  }
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  std::memset(present, 0, (length + page - 1) / page);
  return 0;
}

#endif
