#include "kernel.h"

#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <vector>

#include "check.h"

namespace arena_pirate {
namespace {

constexpr size_t kMiB = size_t{1} << 20;
const size_t kPage = static_cast<size_t>(sysconf(_SC_PAGESIZE));

bool IsZero(const char* bytes, size_t count) {
  return bytes[0] == 0 && std::memcmp(bytes, bytes + 1, count - 1) == 0;
}

TEST("kernel: reserved space is aligned, writable to its ends and zero") {
  for (const size_t alignment : {kPage, 2 * kMiB, 64 * kMiB}) {
    auto* base = static_cast<char*>(kernel::Reserve(3 * kMiB, alignment));
    CHECK(base != nullptr);
    CHECK(reinterpret_cast<uintptr_t>(base) % alignment == 0);
    CHECK(IsZero(base, 3 * kMiB));
    base[0] = base[3 * kMiB - 1] = 1;
    kernel::Unmap(base, 3 * kMiB);
  }
}

TEST("kernel: space that cannot be had is refused, sums that overflow included") {
  CHECK(kernel::Reserve(SIZE_MAX - kMiB + 1, 2 * kMiB) == nullptr);
  CHECK(kernel::Reserve(size_t{1} << 60, 2 * kMiB) == nullptr);
}

TEST("kernel: discarded pages read as zero and can be written again") {
  auto* base = static_cast<char*>(kernel::Reserve(2 * kMiB, 2 * kMiB));
  std::memset(base, 0xa5, 2 * kMiB);
  CHECK(kernel::Discard(base, kMiB));
  CHECK(IsZero(base, kMiB));
  CHECK(static_cast<unsigned char>(base[kMiB]) == 0xa5);
  base[0] = 7;
  CHECK(base[0] == 7);
  kernel::Unmap(base, 2 * kMiB);
}

TEST("kernel: resident bytes are those of the pages that were touched") {
  // Two queries and a half of mincore; without huge pages, so that a touch is a page.
  const size_t bytes = (size_t{160} << 10) * kPage;
  auto* base = static_cast<char*>(kernel::Reserve(bytes, 2 * kMiB));
  CHECK(kernel::ResidentBytes(base, bytes) == 0);
  base[0] = base[bytes / 2] = base[bytes - 1] = 1;
  const double resident = kernel::ResidentBytes(base, bytes);
  CHECK(resident >= 3.0 * static_cast<double>(kPage));
  CHECK(resident <= 3.0 * static_cast<double>(kernel::kHugePage));
  kernel::Unmap(base, bytes);
}

TEST("kernel: advice that is refused leaves the memory usable") {
  auto* base = static_cast<char*>(kernel::Reserve(2 * kMiB, 2 * kMiB));
  kernel::AdviseHugePages(base, 2 * kMiB);
  kernel::SetPolicy(base, 2 * kMiB, kernel::Policy::kLocal, {});
  CHECK(!kernel::SetPolicy(base, 2 * kMiB, kernel::Policy::kPreferred, {1000}));
  kernel::NameRange(base, 2 * kMiB, "arena-pirate-test");
  CHECK(!kernel::NameRange(base, 2 * kMiB, "not [allowed] in names"));
  std::memset(base, 1, 2 * kMiB);
  CHECK(base[2 * kMiB - 1] == 1);
  kernel::Unmap(base, 2 * kMiB);
}

TEST("kernel: policies for nodes far beyond all are refused, and the memory stays usable") {
  using kernel::Policy;
  auto* base = static_cast<char*>(kernel::Reserve(2 * kMiB, 2 * kMiB));
  CHECK(!kernel::SetPolicy(base, 2 * kMiB, Policy::kPreferred, {5000}));
  CHECK(!kernel::SetPolicy(base, 2 * kMiB, Policy::kInterleave, {}));
  std::memset(base, 1, 2 * kMiB);
  CHECK(base[2 * kMiB - 1] == 1);
  kernel::Unmap(base, 2 * kMiB);
}

TEST("kernel: pages have a node once they are touched") {
  auto* base = static_cast<char*>(kernel::Reserve(2 * kMiB, 2 * kMiB));
  std::vector<int> nodes;
  const std::vector<void*> pages{base, base + kMiB};
  if (kernel::PageNodes(pages, &nodes) == 0) {
    CHECK(nodes[0] < 0 && nodes[1] < 0);
    base[0] = 1;
    CHECK(kernel::PageNodes(pages, &nodes) == 0);
    CHECK(nodes[0] >= 0);
  }
  CHECK(kernel::PageNodes({}, &nodes) == 0);
  kernel::Unmap(base, 2 * kMiB);
}

TEST("kernel: huge pages are found where there are any, one by one") {
  auto* base = static_cast<char*>(kernel::Reserve(6 * kMiB, 2 * kMiB));
  kernel::AdviseHugePages(base, 6 * kMiB);
  std::vector<void*> pages;
  if (kernel::FindHugePages(base, 6 * kMiB, &pages)) {
    CHECK(pages.empty());
    base[0] = base[4 * kMiB] = 1;
    CHECK(kernel::FindHugePages(base, 6 * kMiB, &pages));
    for (void* page : pages) CHECK(page == base || page == base + 4 * kMiB);
  }
  kernel::Unmap(base, 6 * kMiB);
}

}  // namespace
}  // namespace arena_pirate
