// The little that the native tests need of a test framework, so that they ask
// nothing of the machine but a compiler.
#ifndef ARENA_PIRATE_TEST_NATIVE_CHECK_H_
#define ARENA_PIRATE_TEST_NATIVE_CHECK_H_

namespace arena_pirate::test {

// A test, in the list of all; made by TEST alone.
struct Test {
  Test(const char* name, void (*run)());

  const char* const name;
  void (*const run)();
  const Test* const next;
};

// Notes that something was not as it must be. May be called by any thread.
void Fail(const char* file, int line, const char* condition);

// Runs all tests, saying how each ended; the number of failed ones.
int RunAll();

}  // namespace arena_pirate::test

#define CHECK_CONCAT(a, b) a##b
#define CHECK_NAME(prefix, line) CHECK_CONCAT(prefix, line)

// TEST("claim that can be false") { … }
#define TEST(claim)                                                                                \
  static void CHECK_NAME(Test, __LINE__)();                                                        \
  static const ::arena_pirate::test::Test CHECK_NAME(test_, __LINE__)(claim,                       \
                                                                      CHECK_NAME(Test, __LINE__)); \
  static void CHECK_NAME(Test, __LINE__)()

// The test fails unless the condition holds, and goes on.
#define CHECK(condition) \
  if (!(condition)) ::arena_pirate::test::Fail(__FILE__, __LINE__, #condition)

#endif  // ARENA_PIRATE_TEST_NATIVE_CHECK_H_
