#include "kernel_threads.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#ifdef __linux__
#include <dirent.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cstdlib>

#ifdef __GLIBC_PREREQ
#if __GLIBC_PREREQ(2, 29)
#define ARENA_PIRATE_HAS_GETCPU
#endif
#endif
#endif

namespace arena_pirate::kernel {

namespace {

// Of a thread that only sleeps and asks the kernel.
constexpr size_t kStackBytes = size_t{256} << 10;

#ifdef __linux__
constexpr char kTasks[] = "/proc/self/task";
constexpr size_t kWordBits = sizeof(unsigned long) * CHAR_BIT;

// A mask must not be smaller than the kernel's own, whose size it does not
// tell: that of 1024 cpus first, then ever larger ones up to this.
constexpr size_t kFirstWords = 1024 / kWordBits;
constexpr size_t kMostWords = (size_t{1} << 20) / kWordBits;
#endif

}  // namespace

#ifdef __linux__

// The system calls themselves, because the C library's wrappers differ: musl
// has fixed masks, and old ones lack getcpu and gettid.

int GetAffinity(int tid, CpuSet* cpus) {
  std::vector<unsigned long> mask(kFirstWords);
  long bytes;
  while ((bytes = syscall(SYS_sched_getaffinity, tid, mask.size() * sizeof(mask[0]), mask.data())) <
         0) {
    if (errno != EINVAL || mask.size() >= kMostWords) return errno;
    mask.resize(mask.size() * 2);
  }
  cpus->clear();
  const size_t bits = static_cast<size_t>(bytes) * CHAR_BIT;
  for (size_t cpu = 0; cpu < bits; cpu++) {
    if (mask[cpu / kWordBits] >> (cpu % kWordBits) & 1) cpus->push_back(static_cast<int>(cpu));
  }
  return 0;
}

int SetAffinity(int tid, const CpuSet& cpus) {
  const size_t highest = cpus.empty() ? 0 : static_cast<size_t>(cpus.back());
  std::vector<unsigned long> mask(highest / kWordBits + 1);
  for (const int cpu : cpus) {
    const size_t bit = static_cast<size_t>(cpu);
    mask[bit / kWordBits] |= 1UL << (bit % kWordBits);
  }
  const size_t bytes = mask.size() * sizeof(mask[0]);
  return syscall(SYS_sched_setaffinity, tid, bytes, mask.data()) == 0 ? 0 : errno;
}

Location CurrentLocation() {
  unsigned cpu, node;
#ifdef ARENA_PIRATE_HAS_GETCPU
  // Answers without entering the kernel.
  if (getcpu(&cpu, &node) != 0) return {};
#else
  if (syscall(SYS_getcpu, &cpu, &node, nullptr) != 0) return {};
#endif
  return {static_cast<int>(cpu), static_cast<int>(node)};
}

int ThreadId() { return static_cast<int>(syscall(SYS_gettid)); }

bool IsMainThread() { return ThreadId() == ProcessId(); }

std::vector<int> ThreadIds() {
  std::vector<int> ids;
  DIR* tasks = opendir(kTasks);
  if (tasks == nullptr) return ids;
  while (const dirent* entry = readdir(tasks)) {
    if (entry->d_name[0] != '.') ids.push_back(std::atoi(entry->d_name));
  }
  closedir(tasks);
  std::sort(ids.begin(), ids.end());
  // A /proc of another pid namespace counts differently: its ids may be
  // threads of strangers to sched_setaffinity.
  if (!std::binary_search(ids.begin(), ids.end(), ThreadId())) ids.clear();
  return ids;
}

long ThreadCount() {
  struct stat folder;
  if (stat(kTasks, &folder) != 0) return -1;
  // One link for each subfolder, one from its parent, one from itself.
  return static_cast<long>(folder.st_nlink) - 2;
}

#else

int GetAffinity(int, CpuSet*) { return ENOSYS; }
int SetAffinity(int, const CpuSet&) { return ENOSYS; }
Location CurrentLocation() { return {}; }
int ThreadId() { return -1; }
bool IsMainThread() { return pthread_main_np() != 0; }
std::vector<int> ThreadIds() { return {}; }
long ThreadCount() { return -1; }

#endif

int ProcessId() { return static_cast<int>(getpid()); }

bool StartThread(void* (*body)(void*)) {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  // A new thread inherits its creator's signal mask.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const bool started = pthread_create(&thread, &attributes, body, nullptr) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  return started;
}

}  // namespace arena_pirate::kernel
