#include "kernel_threads.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>

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

void* Wait(void* gate) {
  char byte;
  const ssize_t got = read(*static_cast<int*>(gate), &byte, 1);
  (void)got;
  return nullptr;
}

int waiting_pipe[2];
void* WaitInPipe(void*) { return Wait(&waiting_pipe[0]); }

TEST("kernel_threads: a new thread is counted and listed") {
  const long before = kernel::ThreadCount();
  CHECK(before == static_cast<long>(kernel::ThreadIds().size()));
  CHECK(pipe(waiting_pipe) == 0);
  CHECK(kernel::StartThread(WaitInPipe));
  CHECK(kernel::ThreadCount() == before + 1);
  CHECK(kernel::ThreadIds().size() == static_cast<size_t>(before) + 1);
  CHECK(write(waiting_pipe[1], "", 1) == 1);
  while (kernel::ThreadCount() != before) usleep(1000);
}

}  // namespace
}  // namespace arena_pirate

#endif
