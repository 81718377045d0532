// On which NUMA node the memory of a thread is to lie.
#ifndef ARENA_PIRATE_PLACEMENT_H_
#define ARENA_PIRATE_PLACEMENT_H_

#include <cstddef>
#include <vector>

namespace arena_pirate {

// Where the pages of an arena come from: the id of a NUMA node, or one of these.
// lib/home.ts knows the numbers.
using Home = int;
inline constexpr Home kAnywhere = -1;     // there is one node, or nobody knows which
inline constexpr Home kInterleaved = -2;  // all nodes in turn

struct Placement {
  // The node, kInterleaved, or kAnywhere for that of the thread.
  Home wanted = kAnywhere;
  // The nodes that have memory for this process.
  std::vector<int> nodes;

  // Where memory that is taken now should lie.
  Home Current() const;
};

// Has the range's pages come from `home`. False when the kernel refuses that and
// the first touch decides.
bool Bind(void* base, size_t bytes, Home home, const std::vector<int>& nodes);

}  // namespace arena_pirate

#endif  // ARENA_PIRATE_PLACEMENT_H_
