// Spans in which a message was due and none was acked.
#include "measure/availability.hpp"

#include "support/catch.hpp"
#include "support/values.hpp"

namespace seatrial::measure {
namespace {

using seatrial::test::ms;

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

TEST_CASE("a mark keeps the last ack before a fault and the first after its effect") {
  Availability a({{"orders", 0}, {"orders", 1}});
  a.acked(0, 90 * ms, 100 * ms);
  const auto mark = a.mark(200 * ms);
  a.acked(0, 140 * ms, 150 * ms);  // settled late, but acked before
  a.acked(0, 200 * ms, 201 * ms);  // while the fault was on its way
  a.effect_seen(mark, 205 * ms);
  a.acked(0, 203 * ms, 204 * ms);
  CHECK(a.around(mark, 0).first_after == Instant{});
  a.acked(0, 210 * ms, 900 * ms);
  a.acked(0, 211 * ms, 901 * ms);
  CHECK(to_ns(a.around(mark, 0).last_before) == 150 * ms);
  CHECK(to_ns(a.around(mark, 0).first_after) == 900 * ms);
  CHECK(a.around(mark, 1).last_before == Instant{});
  CHECK(a.around(mark, 1).first_after == Instant{});
}

TEST_CASE("two faults have acks of their own") {
  Availability a({{"orders", 0}});
  a.acked(0, 0, 10 * ms);
  const auto first = a.mark(20 * ms);
  a.effect_seen(first, 20 * ms);
  a.acked(0, 0, 30 * ms);
  const auto second = a.mark(40 * ms);
  a.effect_seen(second, 45 * ms);
  a.acked(0, 0, 50 * ms);
  CHECK(to_ns(a.around(first, 0).last_before) == 10 * ms);
  CHECK(to_ns(a.around(first, 0).first_after) == 30 * ms);
  CHECK(to_ns(a.around(second, 0).last_before) == 30 * ms);
  CHECK(to_ns(a.around(second, 0).first_after) == 50 * ms);
}

TEST_CASE("errors are counted by partition, name and time") {
  Availability a({{"orders", 0}, {"orders", 1}});
  a.error(0, "_TRANSPORT", 100 * ms);
  a.error(0, "_TRANSPORT", 205 * ms);
  a.error(0, "_MSG_TIMED_OUT", 300 * ms);
  a.error(1, "_TRANSPORT", 205 * ms);
  using Errors = std::map<std::string, std::uint64_t>;
  CHECK(a.errors(0, 200 * ms, 400 * ms) == Errors{{"_TRANSPORT", 1}, {"_MSG_TIMED_OUT", 1}});
  CHECK(a.errors(0, 0, 400 * ms) == Errors{{"_TRANSPORT", 2}, {"_MSG_TIMED_OUT", 1}});
  CHECK(a.errors(1, 0, 199 * ms).empty());
}

TEST_CASE("two processes see the same acks and marks, and carry over what each found alone") {
  const std::vector<TopicPartition> two{{"t", 0}, {"t", 1}};
  std::vector<std::byte> memory(Availability::shared_bytes(two.size()));
  Availability harness(two, memory.data(), Availability::Memory::fresh);
  Availability worker(two, memory.data(), Availability::Memory::begun);
  const std::int64_t second = 1'000'000'000;
  worker.acked(1, second, second + 10);
  CHECK(harness.last_ack_ns(1) == second + 10);
  const auto mark = harness.mark(2 * second);
  harness.effect_seen(mark, 2 * second + 50);
  worker.acked(1, 2 * second, 2 * second + 50);    // neither before nor after
  worker.acked(1, 2 * second, 2 * second + 51);
  worker.acked(1, 2 * second, 2 * second + 52);
  CHECK(to_ns(harness.around(mark, 1).last_before) == second + 10);
  CHECK(to_ns(harness.around(mark, 1).first_after) == 2 * second + 51);
  worker.acked(0, second, second);
  harness.acked(0, second, 5 * second);  // ends a span that the worker's ack began
  CHECK(harness.spans(5 * second).size() == 1);
  worker.acked(0, 5 * second, 9 * second);
  worker.error(0, "_TIMED_OUT", 7 * second);
  CHECK(harness.spans(9 * second).size() == 1);  // the other's is not told yet
  auto news = worker.take_news();
  CHECK(worker.take_news().empty());
  harness.add(news);
  CHECK(harness.spans(9 * second).size() == 2);
  CHECK(harness.errors(0, 6 * second, 8 * second).at("_TIMED_OUT") == 1);
  worker.not_acked(1, 9 * second);
  CHECK(harness.spans(20 * second).size() == 3);
}

}  // namespace
}  // namespace seatrial::measure
