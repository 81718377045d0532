#include "fake_napi.h"

using arena_pirate::test::FakeHeap;

namespace arena_pirate::test {

void FakeHeap::Collect() {
  for (Reference& reference : references) {
    if (reference.object != nullptr && !reference.object->held) reference.object = nullptr;
  }
  objects.remove_if([](const Object& object) { return !object.held; });
}

}  // namespace arena_pirate::test

namespace {

FakeHeap* HeapOf(napi_env env) { return reinterpret_cast<FakeHeap*>(env); }

}  // namespace

napi_status napi_create_object(napi_env env, napi_value* result) {
  *result = reinterpret_cast<napi_value>(&HeapOf(env)->objects.emplace_back());
  return napi_ok;
}

napi_status napi_create_external_arraybuffer(napi_env env, void* data, size_t bytes, napi_finalize,
                                             void*, napi_value* result) {
  FakeHeap* heap = HeapOf(env);
  if (heap->refuses_buffers) {
    heap->exception_pending = true;
    return napi_pending_exception;
  }
  FakeHeap::Object& object = heap->objects.emplace_back();
  object.data = data;
  object.bytes = bytes;
  *result = reinterpret_cast<napi_value>(&object);
  return napi_ok;
}

napi_status napi_create_reference(napi_env env, napi_value value, uint32_t count,
                                  napi_ref* result) {
  FakeHeap* heap = HeapOf(env);
  if (heap->refuses_references || count != 0) return napi_generic_failure;
  *result = reinterpret_cast<napi_ref>(
      &heap->references.emplace_back(FakeHeap::Reference{heap->At(value)}));
  return napi_ok;
}

napi_status napi_get_reference_value(napi_env env, napi_ref ref, napi_value* result) {
  if (HeapOf(env)->refuses_answers) return napi_generic_failure;
  *result = reinterpret_cast<napi_value>(reinterpret_cast<FakeHeap::Reference*>(ref)->object);
  return napi_ok;
}

napi_status napi_delete_reference(napi_env env, napi_ref ref) {
  HeapOf(env)->references.remove_if([ref](const FakeHeap::Reference& reference) {
    return &reference == reinterpret_cast<FakeHeap::Reference*>(ref);
  });
  return napi_ok;
}

napi_status napi_is_exception_pending(napi_env env, bool* result) {
  *result = HeapOf(env)->exception_pending;
  return napi_ok;
}

napi_status napi_get_and_clear_last_exception(napi_env env, napi_value* result) {
  HeapOf(env)->exception_pending = false;
  return napi_create_object(env, result);
}
