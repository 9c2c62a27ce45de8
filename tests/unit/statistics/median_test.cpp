// The middle of a sample.
#include "statistics/median.hpp"

#include <limits>
#include <vector>

#include "support/catch.hpp"

namespace seatrial::statistics {
namespace {

TEST_CASE("median: of an odd number the middle, of an even one the mean of two") {
  CHECK(median(std::vector<double>{3, 1, 2}) == 2);
  CHECK(median(std::vector<double>{4, 1, 3, 2}) == 2.5);
  CHECK(median(std::vector<double>{7}) == 7);
  CHECK(median({}) == 0);
  constexpr double most = std::numeric_limits<double>::max();
  CHECK(median(std::vector<double>{most, most}) == most);
}

}  // namespace
}  // namespace seatrial::statistics
