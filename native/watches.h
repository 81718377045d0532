// Which objects V8 has collected, of those that were asked about: weak
// references that can be read in the middle of synchronous code.
#ifndef ARENA_PIRATE_WATCHES_H_
#define ARENA_PIRATE_WATCHES_H_

#include <node_api.h>

#include <cstddef>
#include <vector>

namespace arena_pirate {

class Watches {
 public:
  // Returns the id of a new watch; throws in JavaScript when Node refuses.
  size_t Add(napi_env env, napi_value object);

  // Whether the object has not been collected. Once it has, the watch is over
  // and its id may be given to another.
  bool IsAlive(napi_env env, size_t id);

 private:
  std::vector<napi_ref> references_;
  std::vector<size_t> idle_;
};

}  // namespace arena_pirate

#endif  // ARENA_PIRATE_WATCHES_H_
