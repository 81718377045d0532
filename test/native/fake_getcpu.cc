#include "fake_getcpu.h"

#ifdef __linux__

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace arena_pirate::test {

static std::atomic<bool> refused{false};

NoCpuTold::NoCpuTold() { refused = true; }
NoCpuTold::~NoCpuTold() { refused = false; }

}  // namespace arena_pirate::test

// Instead of the C library's.
extern "C" int getcpu(unsigned* cpu, unsigned* node) noexcept {
  if (!arena_pirate::test::refused) {
    return static_cast<int>(syscall(SYS_getcpu, cpu, node, nullptr));
  }
  errno = ENOSYS;
  return -1;
}

#endif
