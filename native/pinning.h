// Where the threads of the process run. A process-wide list of the JavaScript
// threads that have loaded the addon, and the plan that places them, those that
// load it later included.
//
// All other threads are helpers: V8's, libuv's, workers without the addon. The
// kernel gives a new thread the mask of its creator, so one that a pinned
// thread creates would share its only cpu. Nothing tells when a thread is
// created; while anything is pinned, a thread of our own looks for new ones and
// gives them back the mask that the process started with, or what the plan has
// for helpers. One that has chosen a mask of its own keeps it.
//
// Everything here may be called from any thread. What returns an int returns 0
// or an errno.
#ifndef ARENA_PIRATE_PINNING_H_
#define ARENA_PIRATE_PINNING_H_

#include <vector>

#include "kernel_threads.h"
#include "registry.h"

namespace arena_pirate::pinning {

struct Plan {
  // The cpu of each JavaScript thread, by its number; never empty.
  std::vector<int> cpus;
  // Threads of higher numbers: each on the cpu it runs on when it loads the
  // addon, or from the beginning of `cpus` again.
  bool later_stay = false;
  // What helpers get; empty for the mask that the process started with.
  kernel::CpuSet helpers;
};

struct JsThread {
  // The lowest that was free when it loaded the addon; 0 is the main thread's.
  int number;
  int tid;
};

// Notes the mask that the process started with, unless that has been done.
void NoteStart();

// That mask; an error when the kernel would not tell.
int Start(kernel::CpuSet* cpus);

struct Attached {
  int number;
  // The thread was not there yet.
  bool first;
};

// Adds the calling thread and places it when there is a plan. A thread may load
// the package several times, as test runners do that give each file its own
// modules, and is there until the last Detach. `counters` must outlive the
// matching one.
Attached Attach(Counters* counters);
void Detach(Counters* counters);

// By ascending number.
std::vector<JsThread> Threads();

// Moves every thread to where the plan has it, and those that come later. When
// one is refused all stay as they were.
int Apply(const Plan& plan);

// Gives every thread the mask that the process started with.
int Release();

// Keeps what is now, for Restore, which is called once.
int Save();
int Restore(int saved);

// Moves the calling thread only, until the next plan.
int MoveSelf(const kernel::CpuSet& cpus);

// Around the creation of a process, which inherits the mask of the calling
// thread: between the two it has the mask of the start. False when it has that
// anyway, or is refused it.
bool BeginSpawn();
void EndSpawn();

// Looks for new helpers now.
void Sweep();

}  // namespace arena_pirate::pinning

#endif  // ARENA_PIRATE_PINNING_H_
