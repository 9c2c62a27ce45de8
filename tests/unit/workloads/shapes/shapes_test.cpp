// Sizes and keys: what is read, what is refused, and how draws are distributed.
#include <cmath>
#include <map>

#include "support/catch.hpp"
#include "workloads/shapes/call.hpp"
#include "workloads/shapes/keys.hpp"
#include "workloads/shapes/size.hpp"

using namespace seatrial::workloads;

namespace {

std::map<std::uint64_t, int> draw(const char* text, int n) {
  const auto shape = KeyShape::parse(text);
  REQUIRE(shape);
  RandomEngine random(7);
  std::map<std::uint64_t, int> out;
  for (int i = 0; i < n; ++i) ++out[shape->next(random)];
  return out;
}

}  // namespace

TEST_CASE("a call is a name and its arguments") {
  const auto call = parse_call(" zipf( 10 ,1.5) ");
  REQUIRE(call);
  CHECK(call->name == "zipf");
  CHECK(call->arguments == std::vector<std::string_view>{"10", "1.5"});
  CHECK_FALSE(parse_call("256B"));
  CHECK_FALSE(parse_call("zipf(10"));
}

TEST_CASE("sizes") {
  RandomEngine random(7);
  CHECK(SizeShape::parse("256B").value().next(random) == 256);
  CHECK(SizeShape::parse("1KiB").value().most() == 1024);
  const auto range = SizeShape::parse("uniform(100B, 102B)");
  REQUIRE(range);
  std::map<std::uint32_t, int> seen;
  for (int i = 0; i < 3000; ++i) ++seen[range->next(random)];
  REQUIRE(seen.size() == 3);
  for (const auto& [size, count] : seen) {
    CHECK((size >= 100 && size <= 102));
    CHECK(count > 850);
  }
  for (const char* wrong : {"", "256", "27B", "2GB", "uniform(100B)", "uniform(200B, 100B)",
                            "uniform(1B, 100B)", "normal(100B, 200B)"}) {
    INFO(wrong);
    CHECK_FALSE(SizeShape::parse(wrong));
  }
  CHECK(SizeShape::parse("28B"));  // the identity alone
}

TEST_CASE("equal seeds give equal sizes") {
  const auto range = SizeShape::parse("uniform(100B, 1MB)").value();
  RandomEngine random(7);
  // The distribution and its engine are pinned: runs are replayed from their seed on other
  // machines.
  CHECK(range.next(random) == 754'410);
}

TEST_CASE("keys") {
  CHECK(KeyShape::parse("none").value().none());
  CHECK_FALSE(KeyShape::parse("uniform(3)").value().none());
  for (const char* wrong : {"", "some", "uniform", "uniform()", "uniform(0)", "uniform(1, 2)",
                            "zipf(10)", "zipf(10, 0)", "zipf(10, x)", "zipf(0, 1)"}) {
    INFO(wrong);
    CHECK_FALSE(KeyShape::parse(wrong));
  }
  const auto uniform = draw("uniform(4)", 4000);
  REQUIRE(uniform.size() == 4);
  for (const auto& [key, count] : uniform) CHECK(count == Approx(1000).margin(150));
}

TEST_CASE("zipf draws each rank by its weight") {
  const double exponent = GENERATE(0.5, 1.0, 1.5);
  constexpr int keys = 20, draws = 200'000;
  const auto counts = draw(("zipf(20, " + std::to_string(exponent) + ")").c_str(), draws);
  double sum = 0;
  for (int k = 1; k <= keys; ++k) sum += std::pow(k, -exponent);
  REQUIRE(counts.size() == keys);
  for (const auto& [rank, count] : counts) {
    const double expected = draws * std::pow(static_cast<double>(rank) + 1, -exponent) / sum;
    INFO("rank " << rank << ", exponent " << exponent);
    CHECK(count == Approx(expected).margin(5 * std::sqrt(expected)));
  }
}

TEST_CASE("zipf over one key, and over very many") {
  CHECK(draw("zipf(1, 1)", 100).size() == 1);
  const auto many = draw("zipf(1000000000000, 1.01)", 1000);
  CHECK(many.begin()->first == 0);
  CHECK(many.rbegin()->first < 1'000'000'000'000);
}
