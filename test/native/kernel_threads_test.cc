#include "kernel_threads.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>
#include <vector>

#include "check.h"

#ifdef __linux__

namespace arena_pirate {
namespace {

using kernel::CpuSet;

CpuSet Own() {
  CpuSet cpus;
  CHECK(kernel::GetAffinity(0, &cpus) == 0);
  return cpus;
}

TEST("kernel_threads: an affinity can be narrowed and given back") {
  const CpuSet before = Own();
  CHECK(!before.empty());
  CHECK(std::is_sorted(before.begin(), before.end()));
  CHECK(kernel::SetAffinity(0, {before.back()}) == 0);
  CHECK(Own() == CpuSet{before.back()});
  CHECK(kernel::CurrentLocation().cpu == before.back());
  CHECK(kernel::CurrentLocation().node >= 0);
  CHECK(kernel::SetAffinity(0, before) == 0);
  CHECK(Own() == before);
}

TEST("kernel_threads: cpus that there are not are left out, and refused when nothing is left") {
  const CpuSet before = Own();
  CHECK(kernel::SetAffinity(0, {before.front(), 5000}) == 0);
  CHECK(Own() == CpuSet{before.front()});
  CHECK(kernel::SetAffinity(0, {5000, 5001}) == EINVAL);
  CHECK(kernel::SetAffinity(0, {}) == EINVAL);
  CHECK(Own() == CpuSet{before.front()});
  CHECK(kernel::SetAffinity(0, before) == 0);
}

TEST("kernel_threads: threads are asked about and moved by their ids") {
  const CpuSet before = Own();
  CHECK(kernel::ThreadId() == kernel::ProcessId());
  int tid = 0;
  std::thread([&] { tid = kernel::ThreadId(); }).join();
  CHECK(tid != kernel::ProcessId());
  CpuSet cpus;
  CHECK(kernel::GetAffinity(1 << 29, &cpus) == ESRCH);
  CHECK(kernel::SetAffinity(1 << 29, before) == ESRCH);
  CHECK(kernel::GetAffinity(kernel::ProcessId(), &cpus) == 0);
  CHECK(cpus == before);
}

int waiting_pipe[2];
std::atomic<int> waiting_thread;

void* WaitInPipe(void*) {
  waiting_thread = kernel::ThreadId();
  char byte;
  const ssize_t got = read(waiting_pipe[0], &byte, 1);
  (void)got;
  return nullptr;
}

bool IsListed(int tid) {
  const std::vector<int> ids = kernel::ThreadIds();
  return std::binary_search(ids.begin(), ids.end(), tid);
}

// Threads that have been joined are listed for a moment yet: those of the tests before, too.
template <typename Condition>
bool Eventually(Condition condition) {
  for (int milliseconds = 0; milliseconds < 10'000; milliseconds++) {
    if (condition()) return true;
    usleep(1000);
  }
  return false;
}

bool IsCountedAsListed() {
  return kernel::ThreadCount() == static_cast<long>(kernel::ThreadIds().size());
}

TEST("kernel_threads: a new thread is counted and listed") {
  CHECK(Eventually(IsCountedAsListed));
  CHECK(pipe(waiting_pipe) == 0);
  CHECK(kernel::StartThread(WaitInPipe));
  CHECK(Eventually([] { return waiting_thread != 0; }));
  CHECK(IsListed(waiting_thread));
  CHECK(kernel::ThreadCount() > 1);
  CHECK(Eventually(IsCountedAsListed));
  CHECK(write(waiting_pipe[1], "", 1) == 1);
  CHECK(Eventually([] { return !IsListed(waiting_thread); }));
  CHECK(Eventually(IsCountedAsListed));
}

}  // namespace
}  // namespace arena_pirate

#endif
