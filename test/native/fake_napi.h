// The Node-API functions that the pool calls, over a garbage collector that
// collects when a test says so.
#ifndef ARENA_PIRATE_TEST_NATIVE_FAKE_NAPI_H_
#define ARENA_PIRATE_TEST_NATIVE_FAKE_NAPI_H_

#include <node_api.h>

#include <cstddef>
#include <list>

namespace arena_pirate::test {

class FakeHeap {
 public:
  struct Object {
    bool held = false;
    void* data = nullptr;
    size_t bytes = 0;
  };

  // JavaScript keeps the object from now on, or no longer does.
  void Hold(napi_value object) { At(object)->held = true; }
  void Drop(napi_value object) { At(object)->held = false; }

  // Collects every object that is not held.
  void Collect();

  napi_env env() { return reinterpret_cast<napi_env>(this); }
  static Object* At(napi_value value) { return reinterpret_cast<Object*>(value); }

  // Node refuses what is asked of it while these are set.
  bool refuses_buffers = false;
  bool refuses_references = false;
  bool refuses_answers = false;
  // An exception that Node has thrown and nobody has caught.
  bool exception_pending = false;

  struct Reference {
    Object* object;
  };
  std::list<Object> objects;
  std::list<Reference> references;
};

}  // namespace arena_pirate::test

#endif  // ARENA_PIRATE_TEST_NATIVE_FAKE_NAPI_H_
