#include "watches.h"

#include <napi.h>

namespace arena_pirate {

size_t Watches::Add(napi_env env, napi_value object) {
  napi_ref reference;
  NAPI_THROW_IF_FAILED(env, napi_create_reference(env, object, 0, &reference), 0);
  if (idle_.empty()) {
    references_.push_back(reference);
    return references_.size() - 1;
  }
  const size_t id = idle_.back();
  idle_.pop_back();
  references_[id] = reference;
  return id;
}

bool Watches::IsAlive(napi_env env, size_t id) {
  napi_value object = nullptr;
  const napi_status status = napi_get_reference_value(env, references_[id], &object);
  // An error (an environment on its way out) must read as "still in use".
  if (status != napi_ok || object != nullptr) return true;
  napi_delete_reference(env, references_[id]);
  idle_.push_back(id);
  return false;
}

}  // namespace arena_pirate
