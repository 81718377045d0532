// mincore, which says of memory that was swapped out what it says of memory that
// nobody has touched: that it is not there.
#ifndef ARENA_PIRATE_TEST_NATIVE_FAKE_SWAP_H_
#define ARENA_PIRATE_TEST_NATIVE_FAKE_SWAP_H_

#ifdef __linux__

namespace arena_pirate::test {

// While there is one, all memory counts as swapped out. Its contents stay.
class SwappedOut {
 public:
  SwappedOut();
  ~SwappedOut();
  SwappedOut(const SwappedOut&) = delete;
  SwappedOut& operator=(const SwappedOut&) = delete;
};

}  // namespace arena_pirate::test

#endif

#endif  // ARENA_PIRATE_TEST_NATIVE_FAKE_SWAP_H_
