#include "pinning.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <mutex>
#include <set>

namespace arena_pirate::pinning {

namespace {

using kernel::CpuSet;

// How long a new helper may share the cpu of a pinned thread. The number of
// threads is looked at each time, all of them when it has changed and in every
// so many intervals: one may have ended when another began.
constexpr useconds_t kLookInterval = 20'000;
constexpr int kIntervalsPerLook = 10;

struct Member {
  JsThread thread;
  // One for each time that it has loaded the package.
  std::vector<Counters*> counters;
  // The mask that it was last given here; empty when it has that of the start.
  CpuSet cpus = {};
  // It has that of the start for the moment, see BeginSpawn.
  bool spawning = false;
};

struct Saved {
  bool planned;
  Plan plan;
  std::map<int, CpuSet> masks;
};

struct State {
  std::mutex mutex;
  CpuSet start;
  // Why `start` is not known.
  int start_error = EAGAIN;
  // By ascending number.
  std::vector<Member> members;
  bool planned = false;
  Plan plan;
  // Masks that helpers may have inherited.
  std::set<CpuSet> given;
  // What helpers were last given.
  CpuSet helpers;
  // Helpers that need no look any more, ascending.
  std::vector<int> known;
  // `helpers` and `known` are kept; a thread of ours does it.
  bool guarding = false;
  bool looking = false;
  std::map<int, Saved> saved;
  int next_saved = 0;
};

// Never destroyed: other threads go on while the process exits.
State& Instance() {
  static State* state = new State;
  return *state;
}

// The functions below are called with the mutex held.

bool IsMember(const State& state, int tid) {
  return std::any_of(state.members.begin(), state.members.end(),
                     [tid](const Member& member) { return member.thread.tid == tid; });
}

bool AnyPinned(const State& state) {
  return state.planned || std::any_of(state.members.begin(), state.members.end(),
                                      [](const Member& member) { return !member.cpus.empty(); });
}

std::vector<Member>::iterator Self(State& state) {
  const int tid = kernel::ThreadId();
  return std::find_if(state.members.begin(), state.members.end(),
                      [tid](const Member& member) { return member.thread.tid == tid; });
}

std::vector<int> Helpers(const State& state) {
  std::vector<int> tids = kernel::ThreadIds();
  tids.erase(
      std::remove_if(tids.begin(), tids.end(), [&state](int tid) { return IsMember(state, tid); }),
      tids.end());
  return tids;
}

// A worker that has not loaded the addon yet is a helper until it does.
void Look(State& state) {
  std::vector<int> tids = Helpers(state);
  for (const int tid : tids) {
    if (std::binary_search(state.known.begin(), state.known.end(), tid)) continue;
    CpuSet mask;
    if (kernel::GetAffinity(tid, &mask) != 0 || mask == state.helpers) continue;
    if (mask == state.start || state.given.count(mask) > 0) {
      kernel::SetAffinity(tid, state.helpers);
    }
  }
  state.known = std::move(tids);
}

// Gives helpers `cpus` from now on, and those that have what they were given before.
void MoveHelpers(State& state, const CpuSet& cpus) {
  const CpuSet before = state.helpers;
  state.helpers = cpus.empty() ? state.start : cpus;
  if (state.helpers != state.start) state.given.insert(state.helpers);
  Look(state);
  if (before == state.helpers) return;
  for (const int tid : state.known) {
    CpuSet mask;
    if (kernel::GetAffinity(tid, &mask) == 0 && mask == before) {
      kernel::SetAffinity(tid, state.helpers);
    }
  }
}

void* LookForHelpers(void*) {
  State& state = Instance();
  long threads = -1;
  bool ending = false;
  for (int interval = 0;; interval++) {
    usleep(kLookInterval);
    std::lock_guard<std::mutex> lock(state.mutex);
    const bool pinned = AnyPinned(state);
    const long now = kernel::ThreadCount();
    if (now != threads || interval % kIntervalsPerLook == 0 || !pinned) Look(state);
    threads = now;
    // A thread may have been on its way into the list while its creator was
    // released: one more interval after that.
    if (!pinned && ending) {
      state.given.clear();
      state.guarding = state.looking = false;
      return nullptr;
    }
    ending = !pinned;
  }
}

// To be called before any mask is given: what is there the first time has
// inherited nothing of ours.
void Guard(State& state) {
  if (!state.guarding) {
    state.helpers = state.start;
    state.known = Helpers(state);
    state.guarding = true;
  }
  // Where a thread more is refused, helpers are looked for at each change only.
  if (!state.looking) state.looking = kernel::StartThread(LookForHelpers);
}

int Move(State& state, Member& member, const CpuSet& cpus) {
  const int error = kernel::SetAffinity(member.thread.tid, cpus);
  if (error != 0) return error;
  member.cpus = cpus == state.start ? CpuSet{} : cpus;
  if (!member.cpus.empty()) state.given.insert(cpus);
  // Written under the mutex only, by whichever thread.
  for (Counters* counters : member.counters) counters->Add(kMoves, 1);
  return 0;
}

int MaskOf(const Member& member, CpuSet* cpus) {
  if (!member.spawning || member.cpus.empty()) return kernel::GetAffinity(member.thread.tid, cpus);
  *cpus = member.cpus;
  return 0;
}

// Empty for a thread that stays.
CpuSet CpuOf(const Plan& plan, int number) {
  const size_t index = static_cast<size_t>(number);
  if (plan.later_stay && index >= plan.cpus.size()) return {};
  return {plan.cpus[index % plan.cpus.size()]};
}

}  // namespace

void NoteStart() {
  State& state = Instance();
  std::lock_guard<std::mutex> lock(state.mutex);
  if (state.start_error == EAGAIN) {
    state.start_error = kernel::GetAffinity(kernel::ProcessId(), &state.start);
  }
}

int Start(CpuSet* cpus) {
  State& state = Instance();
  std::lock_guard<std::mutex> lock(state.mutex);
  *cpus = state.start;
  return state.start_error;
}

Attached Attach(Counters* counters) {
  State& state = Instance();
  std::lock_guard<std::mutex> lock(state.mutex);
  const int tid = kernel::ThreadId();
  const auto self = Self(state);
  // Where threads have no ids each is taken for another one.
  if (tid >= 0 && self != state.members.end()) {
    self->counters.push_back(counters);
    return {self->thread.number, false};
  }
  int number = tid == kernel::ProcessId() ? 0 : 1;
  auto place = state.members.begin();
  for (; place != state.members.end() && place->thread.number <= number; ++place) {
    if (place->thread.number == number) number++;
  }
  const auto member = state.members.insert(place, Member{{number, tid}, {counters}});
  if (!state.planned) return {number, true};
  CpuSet cpus = CpuOf(state.plan, number);
  if (cpus.empty()) {
    const int cpu = kernel::CurrentLocation().cpu;
    if (cpu >= 0) cpus = {cpu};
  }
  // A cpu may have gone since, and the kernel may not tell which it is: anywhere
  // is better than on its creator's.
  if (cpus.empty() || Move(state, *member, cpus) != 0) Move(state, *member, state.start);
  return {number, true};
}

void Detach(Counters* counters) {
  State& state = Instance();
  std::lock_guard<std::mutex> lock(state.mutex);
  for (auto member = state.members.begin(); member != state.members.end(); ++member) {
    auto& all = member->counters;
    const auto own = std::find(all.begin(), all.end(), counters);
    if (own == all.end()) continue;
    all.erase(own);
    if (all.empty()) state.members.erase(member);
    return;
  }
}

std::vector<JsThread> Threads() {
  State& state = Instance();
  std::lock_guard<std::mutex> lock(state.mutex);
  std::vector<JsThread> threads;
  for (const Member& member : state.members) threads.push_back(member.thread);
  return threads;
}

int Apply(const Plan& plan) {
  State& state = Instance();
  std::lock_guard<std::mutex> lock(state.mutex);
  if (state.start_error != 0) return state.start_error;
  Guard(state);
  std::vector<CpuSet> before(state.members.size());
  for (size_t i = 0; i < state.members.size(); i++) {
    Member& member = state.members[i];
    const CpuSet cpus = CpuOf(plan, member.thread.number);
    if (cpus.empty()) continue;
    int error = MaskOf(member, &before[i]);
    if (error == 0) error = Move(state, member, cpus);
    // A thread without a kernel thread is ending.
    if (error == 0 || error == ESRCH) continue;
    while (i-- > 0) {
      if (!before[i].empty()) Move(state, state.members[i], before[i]);
    }
    return error;
  }
  state.planned = true;
  state.plan = plan;
  MoveHelpers(state, plan.helpers);
  return 0;
}

int Release() {
  State& state = Instance();
  std::lock_guard<std::mutex> lock(state.mutex);
  if (state.start_error != 0) return state.start_error;
  state.planned = false;
  int refused = 0;
  for (Member& member : state.members) {
    CpuSet mask;
    // Where nothing is to be changed, nothing can be refused.
    if (MaskOf(member, &mask) == 0 && mask == state.start) {
      member.cpus.clear();
      continue;
    }
    const int error = Move(state, member, state.start);
    if (error != 0 && error != ESRCH) refused = error;
  }
  if (state.guarding) MoveHelpers(state, {});
  return refused;
}

int Save() {
  State& state = Instance();
  std::lock_guard<std::mutex> lock(state.mutex);
  Saved saved{state.planned, state.plan, {}};
  for (const Member& member : state.members) {
    MaskOf(member, &saved.masks[member.thread.tid]);
  }
  state.saved.emplace(state.next_saved, std::move(saved));
  return state.next_saved++;
}

int Restore(int id) {
  State& state = Instance();
  std::lock_guard<std::mutex> lock(state.mutex);
  const Saved saved = std::move(state.saved[id]);
  state.saved.erase(id);
  state.planned = saved.planned;
  state.plan = saved.plan;
  int refused = 0;
  for (Member& member : state.members) {
    const auto mask = saved.masks.find(member.thread.tid);
    CpuSet cpus = state.planned ? CpuOf(state.plan, member.thread.number) : state.start;
    if (mask != saved.masks.end()) cpus = mask->second;
    if (cpus.empty()) continue;
    const int error = Move(state, member, cpus);
    if (error != 0 && error != ESRCH) refused = error;
  }
  if (state.guarding) MoveHelpers(state, state.planned ? state.plan.helpers : CpuSet{});
  return refused;
}

int MoveSelf(const CpuSet& cpus) {
  State& state = Instance();
  std::lock_guard<std::mutex> lock(state.mutex);
  if (state.start_error != 0) return state.start_error;
  Guard(state);
  return Move(state, *Self(state), cpus);
}

bool BeginSpawn() {
  State& state = Instance();
  std::lock_guard<std::mutex> lock(state.mutex);
  Member& self = *Self(state);
  if (self.spawning || self.cpus.empty()) return false;
  self.spawning = kernel::SetAffinity(0, state.start) == 0;
  return self.spawning;
}

void EndSpawn() {
  State& state = Instance();
  std::lock_guard<std::mutex> lock(state.mutex);
  // Another thread may have given it another mask meanwhile, or none.
  Member& self = *Self(state);
  self.spawning = false;
  if (!self.cpus.empty()) kernel::SetAffinity(0, self.cpus);
}

void Sweep() {
  State& state = Instance();
  std::lock_guard<std::mutex> lock(state.mutex);
  if (state.guarding) Look(state);
}

}  // namespace arena_pirate::pinning
