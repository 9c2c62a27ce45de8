// Spans in which a message was due and none was acked.
#include "measure/availability.hpp"

#include "support/catch.hpp"

namespace seatrial::measure {
namespace {

constexpr std::int64_t ms = 1'000'000;

std::vector<std::pair<std::int64_t, std::int64_t>> spans_of(const Availability& availability,
                                                            std::int64_t until) {
  std::vector<std::pair<std::int64_t, std::int64_t>> out;
  for (const auto& span : availability.spans(until)) {
    out.emplace_back(to_ns(span.from) / ms, to_ns(span.to) / ms);
  }
  return out;
}

using Spans = std::vector<std::pair<std::int64_t, std::int64_t>>;

TEST_CASE("steady acks leave no span") {
  Availability a({{"orders", 0}});
  for (std::int64_t t = 1; t < 1000; ++t) a.acked(0, (t - 1) * ms, t * ms);
  CHECK(spans_of(a, 1000 * ms) == Spans{});
}

TEST_CASE("a span lasts from the last ack to the next") {
  Availability a({{"orders", 0}});
  a.acked(0, 999 * ms, 1000 * ms);
  a.acked(0, 1001 * ms, 2500 * ms);
  CHECK(spans_of(a, 3000 * ms) == Spans{{1001, 2500}});
  CHECK(a.last_ack_ns(0) == 2500 * ms);
}

TEST_CASE("time in which nothing was due does not count") {
  Availability a({{"orders", 0}});
  a.acked(0, 999 * ms, 1000 * ms);
  a.acked(0, 5000 * ms, 5005 * ms);
  CHECK(spans_of(a, 6000 * ms) == Spans{});
}

TEST_CASE("a message that failed was waiting all the same") {
  Availability a({{"orders", 0}});
  a.acked(0, 999 * ms, 1000 * ms);
  a.not_acked(0, 1100 * ms);
  a.acked(0, 2990 * ms, 3000 * ms);
  CHECK(spans_of(a, 3000 * ms) == Spans{{1100, 3000}});
}

TEST_CASE("a partition that never comes back waits until the end") {
  Availability a({{"orders", 0}, {"orders", 1}});
  a.acked(1, 0, 1 * ms);
  a.not_acked(1, 10 * ms);
  CHECK(spans_of(a, 1000 * ms) == Spans{{10, 1000}});
  CHECK(a.spans(1000 * ms)[0].where == TopicPartition{"orders", 1});
}

TEST_CASE("an older ack of another lane ends nothing and starts nothing") {
  Availability a({{"orders", 0}});
  a.acked(0, 0, 1 * ms);
  a.acked(0, 2 * ms, 900 * ms);
  a.acked(0, 1 * ms, 890 * ms);
  a.acked(0, 901 * ms, 902 * ms);
  CHECK(spans_of(a, 902 * ms) == Spans{{2, 900}});
}

}  // namespace
}  // namespace seatrial::measure
