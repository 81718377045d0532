// What JavaScript can call about threads and cpus. As in binding.cc, arguments
// are checked in TypeScript; refusals are returned as errno.
#include <napi.h>

#include <atomic>
#include <cerrno>
#include <optional>

#include "kernel_threads.h"
#include "pinning.h"
#include "thread.h"

namespace arena_pirate {

std::optional<std::vector<int>> IntsArg(const Napi::CallbackInfo& info, size_t index) {
  napi_env env = info.Env();
  auto array = info[index].As<Napi::Array>();
  std::vector<int> ints(array.Length());
  for (uint32_t i = 0; i < ints.size(); i++) {
    napi_value element;
    // Refused while the thread is being terminated; what Array::Get gives then
    // ends the process as soon as it is asked for its number.
    if (napi_get_element(env, array, i, &element) != napi_ok ||
        napi_get_value_int32(env, element, &ints[i]) != napi_ok) {
      return std::nullopt;
    }
  }
  return ints;
}

Napi::Value Ints(Napi::Env env, const std::vector<int>& ints) {
  auto array = Napi::Array::New(env, ints.size());
  for (uint32_t i = 0; i < ints.size(); i++) array.Set(i, ints[i]);
  return array;
}

namespace {

int IntArg(const Napi::CallbackInfo& info, size_t index) {
  return info[index].As<Napi::Number>().Int32Value();
}

Napi::Value Int(const Napi::CallbackInfo& info, int value) {
  return Napi::Number::New(info.Env(), value);
}

Napi::Value CpusOrError(const Napi::CallbackInfo& info, int error, const kernel::CpuSet& cpus) {
  return error == 0 ? Ints(info.Env(), cpus) : Int(info, error);
}

// startAffinity(): cpu ids, or errno
Napi::Value StartAffinity(const Napi::CallbackInfo& info) {
  kernel::CpuSet cpus;
  const int error = pinning::Start(&cpus);
  return CpusOrError(info, error, cpus);
}

// affinity(tid): cpu ids, or errno
Napi::Value Affinity(const Napi::CallbackInfo& info) {
  kernel::CpuSet cpus;
  const int error = kernel::GetAffinity(IntArg(info, 0), &cpus);
  return CpusOrError(info, error, cpus);
}

// moveSelf(cpus): errno
Napi::Value MoveSelf(const Napi::CallbackInfo& info) {
  const auto cpus = IntsArg(info, 0);
  return Int(info, cpus ? pinning::MoveSelf(*cpus) : ECANCELED);
}

// currentCpu(): its id, -1 when unknown
Napi::Value CurrentCpu(const Napi::CallbackInfo& info) {
  return Int(info, kernel::CurrentLocation().cpu);
}

// currentNode(): its id, -1 when unknown
Napi::Value CurrentNode(const Napi::CallbackInfo& info) {
  return Int(info, kernel::CurrentLocation().node);
}

// threads(): number and thread id of each JavaScript thread, one after another
Napi::Value Threads(const Napi::CallbackInfo& info) {
  std::vector<int> flat;
  for (const pinning::JsThread& thread : pinning::Threads()) {
    flat.insert(flat.end(), {thread.number, thread.tid});
  }
  return Ints(info.Env(), flat);
}

// threadIds(): those of all threads of the process
Napi::Value ThreadIds(const Napi::CallbackInfo& info) {
  return Ints(info.Env(), kernel::ThreadIds());
}

// pin(cpus, laterStay, helpers): errno
Napi::Value Pin(const Napi::CallbackInfo& info) {
  const bool later_stay = info[1].As<Napi::Boolean>().Value();
  const auto cpus = IntsArg(info, 0);
  const auto helpers = IntsArg(info, 2);
  if (!cpus || !helpers) return Int(info, ECANCELED);
  return Int(info, pinning::Apply({*cpus, later_stay, *helpers}));
}

// unpin(): errno
Napi::Value Unpin(const Napi::CallbackInfo& info) { return Int(info, pinning::Release()); }

// savePinning(): id for restorePinning
Napi::Value SavePinning(const Napi::CallbackInfo& info) { return Int(info, pinning::Save()); }

// restorePinning(id): errno
Napi::Value RestorePinning(const Napi::CallbackInfo& info) {
  return Int(info, pinning::Restore(IntArg(info, 0)));
}

// beginSpawn(): whether endSpawn() is to be called
Napi::Value BeginSpawn(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), pinning::BeginSpawn());
}

// endSpawn(): undefined
void EndSpawn(const Napi::CallbackInfo&) { pinning::EndSpawn(); }

// sweepHelpers(): undefined
void SweepHelpers(const Napi::CallbackInfo&) { pinning::Sweep(); }

// claimStart(claim): whether nobody in the process had claimed it; false gives
// it up
Napi::Value ClaimStart(const Napi::CallbackInfo& info) {
  static std::atomic<bool> claimed{false};
  const bool claim = info[0].As<Napi::Boolean>().Value();
  return Napi::Boolean::New(info.Env(), !claimed.exchange(claim));
}

// startThreadPool(): undefined. libuv creates its threads at the first request;
// they get the mask that the thread has which makes it.
void StartThreadPool(const Napi::CallbackInfo& info) {
  static std::atomic<bool> started{false};
  if (started.exchange(true)) return;
  napi_env env = info.Env();
  const auto nothing = [](napi_env, void*) {};
  const auto end = [](napi_env env, napi_status, void* data) {
    auto* work = static_cast<napi_async_work*>(data);
    napi_delete_async_work(env, *work);
    delete work;
  };
  auto* work = new napi_async_work;
  napi_value name;
  if (napi_create_string_utf8(env, "arena-pirate", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_async_work(env, nullptr, name, nothing, end, work, work) != napi_ok) {
    delete work;
    return;
  }
  kernel::CpuSet start, before;
  const bool moved = pinning::Start(&start) == 0 && kernel::GetAffinity(0, &before) == 0 &&
                     before != start && kernel::SetAffinity(0, start) == 0;
  if (napi_queue_async_work(env, *work) != napi_ok) {
    napi_delete_async_work(env, *work);
    delete work;
  }
  if (moved) kernel::SetAffinity(0, before);
}

}  // namespace

void AddThreadFunctions(Napi::Env env, Napi::Object api, Thread* thread) {
  api.Set("thread", Napi::Number::New(env, thread->attached.number));
  api.Set("isFirstOfThread", Napi::Boolean::New(env, thread->attached.first));
  api.Set("startAffinity", Napi::Function::New<StartAffinity>(env, "startAffinity"));
  api.Set("affinity", Napi::Function::New<Affinity>(env, "affinity"));
  api.Set("moveSelf", Napi::Function::New<MoveSelf>(env, "moveSelf"));
  api.Set("currentCpu", Napi::Function::New<CurrentCpu>(env, "currentCpu"));
  api.Set("currentNode", Napi::Function::New<CurrentNode>(env, "currentNode"));
  api.Set("threads", Napi::Function::New<Threads>(env, "threads"));
  api.Set("threadIds", Napi::Function::New<ThreadIds>(env, "threadIds"));
  api.Set("pin", Napi::Function::New<Pin>(env, "pin"));
  api.Set("unpin", Napi::Function::New<Unpin>(env, "unpin"));
  api.Set("savePinning", Napi::Function::New<SavePinning>(env, "savePinning"));
  api.Set("restorePinning", Napi::Function::New<RestorePinning>(env, "restorePinning"));
  api.Set("beginSpawn", Napi::Function::New<BeginSpawn>(env, "beginSpawn"));
  api.Set("endSpawn", Napi::Function::New<EndSpawn>(env, "endSpawn"));
  api.Set("sweepHelpers", Napi::Function::New<SweepHelpers>(env, "sweepHelpers"));
  api.Set("claimStart", Napi::Function::New<ClaimStart>(env, "claimStart"));
  api.Set("startThreadPool", Napi::Function::New<StartThreadPool>(env, "startThreadPool"));
}

}  // namespace arena_pirate
