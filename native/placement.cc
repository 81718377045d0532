#include "placement.h"

#include "kernel.h"
#include "kernel_threads.h"

namespace arena_pirate {

Home Placement::Current() const {
  if (nodes.size() < 2) return kAnywhere;
  return wanted == kAnywhere ? kernel::CurrentLocation().node : wanted;
}

bool Bind(void* base, size_t bytes, Home home, const std::vector<int>& nodes) {
  using kernel::Policy;
  if (home == kInterleaved) return SetPolicy(base, bytes, Policy::kInterleave, nodes);
  // Cpus may be on a node that has no memory, or none for us: then the kernel
  // knows what is near.
  return (home != kAnywhere && SetPolicy(base, bytes, Policy::kPreferred, {home})) ||
         SetPolicy(base, bytes, Policy::kLocal, {});
}

}  // namespace arena_pirate
