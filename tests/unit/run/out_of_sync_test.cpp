// How long partitions lacked replicas, from changes that a watch might have seen.
#include "run/out_of_sync.hpp"

#include "support/catch.hpp"

namespace seatrial::run {
namespace {

const TopicPartition first{"orders", 0}, second{"orders", 1};

kafka::Change isr(int at_s, const TopicPartition& where, std::vector<NodeId> in_sync) {
  kafka::Change out{.at = from_ns(0) + seconds(at_s), .state = {.where = where}};
  out.state.replicas = {NodeId(1), NodeId(2), NodeId(3)};
  out.state.isr = std::move(in_sync);
  return out;
}

TEST_CASE("the longest time with a replica missing counts, whichever it was") {
  const NodeId a(1), b(2), c(3);
  const auto longest = longest_out_of_sync({isr(0, first, {a, b, c}), isr(0, second, {a, b, c}),
                                            isr(2, first, {a, b}), isr(3, first, {a}),
                                            isr(4, first, {a, c}), isr(7, first, {a, b, c}),
                                            isr(10, first, {b, c}), isr(12, first, {a, b, c})},
                                           from_ns(0) + seconds(60));
  CHECK(longest == std::map<TopicPartition, nanoseconds>{{first, seconds(5)}});
}

TEST_CASE("what was not complete when the watch ended was so when the audit found it") {
  const auto changes = {isr(1, second, {NodeId(1)})};
  CHECK(longest_out_of_sync(changes, from_ns(0) + seconds(9)).at(second) == seconds(8));
  CHECK(longest_out_of_sync(changes, from_ns(0)).at(second) == seconds(0));
  CHECK(longest_out_of_sync({}, from_ns(0) + seconds(9)).empty());
}

}  // namespace
}  // namespace seatrial::run
