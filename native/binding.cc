// What JavaScript can call. Arguments are checked in lib/native.ts, the only
// caller; lengths arrive as doubles because they may exceed 32 bits.
#include <napi.h>

#include <memory>
#include <utility>
#include <vector>

#include "kernel_threads.h"
#include "pinning.h"
#include "pool.h"
#include "registry.h"
#include "thread.h"

namespace arena_pirate {
namespace {

Pool* PoolOf(const Napi::CallbackInfo& info) { return &ThreadOf(info)->pool; }

size_t SizeArg(const Napi::CallbackInfo& info, size_t index) {
  return static_cast<size_t>(info[index].As<Napi::Number>().DoubleValue());
}

bool BoolArg(const Napi::CallbackInfo& info, size_t index) {
  return info[index].As<Napi::Boolean>().Value();
}

PoolConfig ConfigArgs(const Napi::CallbackInfo& info) {
  const Home wanted = info[4].As<Napi::Number>().Int32Value();
  return {SizeArg(info, 0),
          SizeArg(info, 1),
          SizeArg(info, 2),
          BoolArg(info, 3),
          {wanted, IntsArg(info, 5).value_or(std::vector<int>())}};
}

// configure(arenaBytes, slabBytes, maxBytes, hugePages, home, nodes): boolean
Napi::Value Configure(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), PoolOf(info)->Configure(ConfigArgs(info)));
}

// take(bytes, zeroed, retired): ArrayBuffer of exactly `bytes` over a run of its
// own, which is free once that is gone if it is retired; or the Refusal as a number.
Napi::Value Take(const Napi::CallbackInfo& info) {
  Pool* pool = PoolOf(info);
  const size_t bytes = SizeArg(info, 0);
  Refusal refusal = pool->Take(bytes);
  if (refusal == Refusal::kNone) {
    const size_t run = static_cast<size_t>(pool->counters()->slots[kRunId]);
    napi_value buffer = pool->Open(info.Env(), run, 0, bytes, true);
    if (buffer != nullptr) {
      if (BoolArg(info, 1)) pool->Zero(run, bytes);
      if (BoolArg(info, 2)) pool->Retire(run, bytes);
      return Napi::Value(info.Env(), buffer);
    }
    pool->Retire(run, 0);
    refusal = Refusal::kNoBuffer;
  }
  return Napi::Number::New(info.Env(), static_cast<double>(refusal));
}

// exact(run, offset, length): an untracked ArrayBuffer over part of a run, or
// undefined.
Napi::Value Exact(const Napi::CallbackInfo& info) {
  napi_value buffer =
      PoolOf(info)->Open(info.Env(), SizeArg(info, 0), SizeArg(info, 1), SizeArg(info, 2), false);
  return buffer == nullptr ? info.Env().Undefined() : Napi::Value(info.Env(), buffer);
}

// open(run, offset, length): a further ArrayBuffer over part of a run, which is not
// free before V8 has collected it; undefined when there is none to be had
Napi::Value Open(const Napi::CallbackInfo& info) {
  napi_value buffer =
      PoolOf(info)->Open(info.Env(), SizeArg(info, 0), SizeArg(info, 1), SizeArg(info, 2), true);
  return buffer == nullptr ? info.Env().Undefined() : Napi::Value(info.Env(), buffer);
}

// zero(run, bytes): undefined
void Zero(const Napi::CallbackInfo& info) {
  PoolOf(info)->Zero(SizeArg(info, 0), SizeArg(info, 1));
}

// markDirty(run, usedBytes): undefined
void MarkDirty(const Napi::CallbackInfo& info) {
  PoolOf(info)->MarkDirty(SizeArg(info, 0), SizeArg(info, 1));
}

// discard(run): number of bytes given back, -1 when the kernel refuses
Napi::Value Discard(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), PoolOf(info)->Discard(SizeArg(info, 0)));
}

// retire(run, usedBytes): undefined
void Retire(const Napi::CallbackInfo& info) {
  PoolOf(info)->Retire(SizeArg(info, 0), SizeArg(info, 1));
}

// collections(): number that changes when V8 has collected
Napi::Value Collections(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(PoolOf(info)->Collections(info.Env())));
}

// poll(force): number of bytes freed
Napi::Value Poll(const Napi::CallbackInfo& info) {
  const size_t freed = PoolOf(info)->Poll(info.Env(), BoolArg(info, 0));
  return Napi::Number::New(info.Env(), static_cast<double>(freed));
}

// detach(buffer): undefined
void Detach(const Napi::CallbackInfo& info) { info[0].As<Napi::ArrayBuffer>().Detach(); }

// watch(object): id of a weak reference
Napi::Value Watch(const Napi::CallbackInfo& info) {
  const size_t id = ThreadOf(info)->watches.Add(info.Env(), info[0]);
  return Napi::Number::New(info.Env(), static_cast<double>(id));
}

// isAlive(id): boolean; false ends the watch
Napi::Value IsAlive(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(),
                            ThreadOf(info)->watches.IsAlive(info.Env(), SizeArg(info, 0)));
}

// trim(): number of bytes given back to the operating system
Napi::Value Trim(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), PoolOf(info)->Trim());
}

// resident(): number of bytes, -1 when unknown
Napi::Value Resident(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), PoolOf(info)->ResidentBytes());
}

// currentHome(): where memory that is taken now should lie
Napi::Value CurrentHome(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), PoolOf(info)->CurrentHome());
}

// countPages(limit): errno, how many pages each counted one stands for, whether
// huge pages are known, then node, pages and huge pages of each node.
Napi::Value CountPages(const Napi::CallbackInfo& info) {
  const Census census = PoolOf(info)->CountPages(SizeArg(info, 0));
  std::vector<double> numbers{static_cast<double>(census.error), static_cast<double>(census.stride),
                              census.huge_known ? 1.0 : 0.0};
  for (const auto& [node, pages] : census.by_node) {
    numbers.insert(numbers.end(), {static_cast<double>(node), pages.base, pages.huge});
  }
  auto array = Napi::Array::New(info.Env(), numbers.size());
  for (uint32_t i = 0; i < numbers.size(); i++) array.Set(i, numbers[i]);
  return array;
}

// total(): the counters of all threads, as an array of numbers
Napi::Value Total(const Napi::CallbackInfo& info) {
  const Counters total = registry::Total();
  auto numbers = Napi::Array::New(info.Env(), kCounterSlots);
  for (uint32_t i = 0; i < kCounterSlots; i++) numbers.Set(i, total.slots[i]);
  return numbers;
}

// What environments of the calling thread that have ended leave mapped. Hooks run
// last in, first out: those of addons that were loaded earlier run after ours,
// and until then their threads may use a Buffer that lies in an arena. A worker's
// thread outlives its environment and isolate by little. An embedding may make
// environments in one thread one after the other: memory of the last one lingers
// until the thread ends or the next one loads the addon.
std::vector<std::unique_ptr<Arena>>& LeftMapped() {
  // Never destroyed: other threads go on while the process exits.
  static auto* const of_main = new std::vector<std::unique_ptr<Arena>>;
  thread_local std::vector<std::unique_ptr<Arena>> of_worker;
  return kernel::IsMainThread() ? *of_main : of_worker;
}

void End(Thread* thread) {
  for (auto& arena : thread->pool.LeaveArenas()) LeftMapped().push_back(std::move(arena));
  delete thread;
}

// attach(arenaBytes, slabBytes, maxBytes, hugePages, home, nodes): makes this thread's pool
// and returns the functions above, plus `counters`, an ArrayBuffer over the
// thread's counters (undefined where Node refuses external ArrayBuffers).
Napi::Value Attach(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  LeftMapped().clear();
  auto* thread = new Thread(ConfigArgs(info));
  env.AddCleanupHook(End, thread);
  auto api = Napi::Object::New(env);
  Counters* counters = thread->pool.counters();
  napi_value counters_buffer;
  if (napi_create_external_arraybuffer(env, counters->slots.data(), sizeof(counters->slots),
                                       nullptr, nullptr, &counters_buffer) == napi_ok) {
    api.Set("counters", counters_buffer);
  }
  api.Set("configure", Napi::Function::New<Configure>(env, "configure", thread));
  api.Set("take", Napi::Function::New<Take>(env, "take", thread));
  api.Set("exact", Napi::Function::New<Exact>(env, "exact", thread));
  api.Set("open", Napi::Function::New<Open>(env, "open", thread));
  api.Set("zero", Napi::Function::New<Zero>(env, "zero", thread));
  api.Set("markDirty", Napi::Function::New<MarkDirty>(env, "markDirty", thread));
  api.Set("discard", Napi::Function::New<Discard>(env, "discard", thread));
  api.Set("retire", Napi::Function::New<Retire>(env, "retire", thread));
  api.Set("collections", Napi::Function::New<Collections>(env, "collections", thread));
  api.Set("poll", Napi::Function::New<Poll>(env, "poll", thread));
  api.Set("detach", Napi::Function::New<Detach>(env, "detach", thread));
  api.Set("watch", Napi::Function::New<Watch>(env, "watch", thread));
  api.Set("isAlive", Napi::Function::New<IsAlive>(env, "isAlive", thread));
  api.Set("trim", Napi::Function::New<Trim>(env, "trim", thread));
  api.Set("resident", Napi::Function::New<Resident>(env, "resident", thread));
  api.Set("currentHome", Napi::Function::New<CurrentHome>(env, "currentHome", thread));
  api.Set("countPages", Napi::Function::New<CountPages>(env, "countPages", thread));
  api.Set("total", Napi::Function::New<Total>(env, "total", thread));
  AddThreadFunctions(env, api, thread);
  return api;
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  pinning::NoteStart();
  exports.Set("layout", Napi::Number::New(env, kLayout));
  exports.Set("attach", Napi::Function::New<Attach>(env, "attach"));
  return exports;
}

}  // namespace
}  // namespace arena_pirate

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  return arena_pirate::Init(env, exports);
}
NODE_API_MODULE(NODE_GYP_MODULE_NAME, Init)
