#include "check.h"

#include <atomic>
#include <cstdio>

namespace arena_pirate::test {

namespace {

const Test* last = nullptr;
std::atomic<int> failed_checks{0};

}  // namespace

Test::Test(const char* name, void (*run)()) : name(name), run(run), next(last) { last = this; }

void Fail(const char* file, int line, const char* condition) {
  failed_checks++;
  std::printf("  %s:%d: %s does not hold\n", file, line, condition);
}

int RunAll() {
  int passed = 0;
  int failed = 0;
  for (const Test* test = last; test != nullptr; test = test->next) {
    const int before = failed_checks;
    test->run();
    const bool ok = failed_checks == before;
    std::printf("%s %s\n", ok ? "ok    " : "FAILED", test->name);
    (ok ? passed : failed)++;
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed;
}

}  // namespace arena_pirate::test

int main() { return arena_pirate::test::RunAll() > 0 ? 1 : 0; }
