// What arena-pirate asks of the operating system about threads and cpus, under
// the contract of kernel.h. Cpus and NUMA nodes are the system's numbers,
// threads its thread ids; 0 is the calling thread where one is asked about.
// Calls that can be refused return 0 or an errno, ENOSYS where the system has
// no such thing.
#ifndef ARENA_PIRATE_KERNEL_THREADS_H_
#define ARENA_PIRATE_KERNEL_THREADS_H_

#include <cstddef>
#include <vector>

namespace arena_pirate::kernel {

// Ids of cpus, ascending, each once.
using CpuSet = std::vector<int>;

// The cpus that a thread may run on.
int GetAffinity(int tid, CpuSet* cpus);

// Cpus that there are not, or that the process's cgroup withholds, are left
// out silently; EINVAL when none is left.
int SetAffinity(int tid, const CpuSet& cpus);

// Where the calling thread is running; -1 when unknown.
struct Location {
  int cpu = -1;
  int node = -1;
};
Location CurrentLocation();

int ThreadId();
int ProcessId();

// Whether the calling thread is the one that the process began with.
bool IsMainThread();

// All threads of the process; empty when unknown.
std::vector<int> ThreadIds();

// How many threads the process has, -1 when unknown. Far cheaper than asking
// which.
long ThreadCount();

// Runs `body` in a thread that no signal of the process is delivered to.
// False when refused.
bool StartThread(void* (*body)(void*));

}  // namespace arena_pirate::kernel

#endif  // ARENA_PIRATE_KERNEL_THREADS_H_
