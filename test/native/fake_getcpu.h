// getcpu, which some sandboxes refuse: nobody then tells on which cpu a thread runs.
#ifndef ARENA_PIRATE_TEST_NATIVE_FAKE_GETCPU_H_
#define ARENA_PIRATE_TEST_NATIVE_FAKE_GETCPU_H_

#ifdef __linux__

namespace arena_pirate::test {

// While there is one, getcpu is refused; where the kernel is asked directly it is not.
class NoCpuTold {
 public:
  NoCpuTold();
  ~NoCpuTold();
  NoCpuTold(const NoCpuTold&) = delete;
  NoCpuTold& operator=(const NoCpuTold&) = delete;
};

}  // namespace arena_pirate::test

#endif

#endif  // ARENA_PIRATE_TEST_NATIVE_FAKE_GETCPU_H_
