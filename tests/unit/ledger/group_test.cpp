// What a group was handed: first deliveries, order within an assignment, gaps, and ends.
#include "ledger/group.hpp"

#include <vector>

#include "support/catch.hpp"
#include "support/values.hpp"

using namespace seatrial;
using namespace seatrial::ledger;

namespace {

using seatrial::test::p0;

GroupShape shape(std::int32_t partitions = 1) {
  return {.workload = "read", .group = "readers", .topic = "orders", .partitions = partitions};
}

// Of stream 0, whose sequence is the offset, by member 0 under its first assignment.
Delivery at(std::int64_t offset, std::uint32_t member = 0, std::uint32_t assignment = 0) {
  return {.member = member,
          .assignment = assignment,
          .partition = 0,
          .offset = offset,
          .stream = StreamId{0},
          .seq = Seq{static_cast<std::uint64_t>(offset)},
          .intended_ns = 1000,
          .delivered_ns = 1000 + offset};
}

void hand(GroupLedger& group, std::vector<Delivery> batch) { group.observe(batch); }

using Kind = OffsetGap::Kind;

}  // namespace

TEST_CASE("a group's first deliveries are told from its redeliveries", "[group]") {
  GroupLedger group(shape());
  group.observe({});
  std::vector<Delivery> batch = {at(0), at(1), at(5), at(6)};
  batch[2].stream = StreamId{9};
  batch[2].seq = Seq{1};
  batch[3].seq = Seq{1};
  group.observe(batch);
  CHECK(batch[0].first);
  CHECK(batch[1].first);
  CHECK(batch[2].first);
  CHECK_FALSE(batch[3].first);  // the same message from another offset
  group.observe(batch);
  CHECK_FALSE(batch[0].first);
  CHECK(group.distinct() == 3);
  CHECK(group.redelivered() == 5);
  const GroupHistory history = group.history();
  CHECK(history.delivered.at(StreamId{0}).count() == 2);
  CHECK(history.redelivered.count == 5);
  CHECK(history.redelivered.examples[0].note == "was handed over from another offset before");
  CHECK(history.redelivered.examples[1].note == "was handed over from this offset before");
  CHECK(history.longest_lag.at(p0) == nanoseconds(5));
}

TEST_CASE("order and gaps are judged within one assignment of one member", "[group]") {
  GroupLedger group(shape());
  hand(group, {at(0), at(1), at(4)});
  CHECK(group.gaps() == std::vector<OffsetGap>{{Kind::poll_skip, p0, 2, 4, 1004}});
  hand(group, {at(2, 1), at(3, 1)});  // another member
  hand(group, {at(4, 0, 1)});         // given the partition anew
  CHECK(group.gaps().size() == 1);
  CHECK(group.history().nonmonotonic_poll.count == 0);
  hand(group, {at(3, 0, 1), at(3, 0, 1)});
  const GroupHistory history = group.history();
  CHECK(history.nonmonotonic_poll.count == 2);
  CHECK(history.nonmonotonic_poll.examples[0].offset == 3);
  CHECK(history.nonmonotonic_poll.examples[0].note == "handed over after offset 4");
  CHECK(history.delivered.at(StreamId{0}).count() == 5);
}

TEST_CASE("under read_committed it is kept when each message was handed over", "[group]") {
  GroupShape committed = shape();
  committed.read_committed = true;
  GroupLedger group(committed);
  std::vector<Delivery> first = {at(0), at(1), at(2), at(4)}, again = {at(2), at(3)};
  for (Delivery& one : first) one.delivered_ns = 5000;
  for (Delivery& one : again) one.delivered_ns = 6000;
  group.observe(first);
  group.observe(again);
  const GroupHistory history = group.history();
  const auto& handed = history.handed_over.at(StreamId{0});
  REQUIRE(handed.size() == 3);
  CHECK(handed[0].begin == 0);
  CHECK(handed[0].end == 3);  // 2 came first with these
  CHECK(handed[1].begin == 4);
  CHECK(handed[2].begin == 3);
  CHECK(handed[2].at == from_ns(6000));
  GroupLedger uncommitted(shape());
  uncommitted.observe(first);
  CHECK(uncommitted.history().handed_over.empty());
}

TEST_CASE("a commit above everything handed over is a gap to look into", "[group]") {
  GroupLedger group(shape());
  hand(group, {at(0), at(1)});
  group.committed(0, 2);
  CHECK(group.gaps().empty());
  group.committed(0, 5);
  CHECK(group.gaps() == std::vector<OffsetGap>{{Kind::committed_beyond_delivered, p0, 2, 5},
                                               {Kind::skipped, p0, 2, 5}});
  CHECK(group.history().committed_offsets.at(p0) == 5);
  hand(group, {at(2), at(4)});
  CHECK(group.gaps() == std::vector<OffsetGap>{{Kind::poll_skip, p0, 3, 4, 1004},
                                               {Kind::committed_beyond_delivered, p0, 2, 5},
                                               {Kind::skipped, p0, 3, 4}});
  group.coordinator_holds(0, 3);  // an earlier generation's, say
  CHECK(group.gaps().size() == 2);
  CHECK(group.history().committed_offsets.at(p0) == 3);
}

TEST_CASE("a group that begins at the end has skipped nothing before it", "[group]") {
  auto latest = shape();
  latest.from_start = false;
  GroupLedger group(latest);
  group.committed(0, 7);
  CHECK(group.gaps().empty());
  hand(group, {at(7), at(9)});
  group.committed(0, 10);
  CHECK(group.gaps() ==
        std::vector<OffsetGap>{{Kind::poll_skip, p0, 8, 9, 1009}, {Kind::skipped, p0, 8, 9}});
}

TEST_CASE("what is not ours counts by its offset only", "[group]") {
  GroupLedger group(shape());
  auto foreign = at(1);
  foreign.identified = false;
  hand(group, {at(0), foreign, at(2)});
  group.committed(0, 3);
  CHECK(group.gaps().empty());
  CHECK(group.distinct() == 2);
  CHECK(group.redelivered() == 0);
}

TEST_CASE("a group tells where its reading of each partition ended", "[group]") {
  GroupLedger group(shape(2));
  CHECK(group.history().read_until.empty());
  group.read_until(0, 7);
  group.read_until(0, 5);  // of a member that had the partition before
  CHECK(group.history().read_until == std::map<TopicPartition, std::int64_t>{{p0, 7}});
  CHECK_FALSE(group.history().read_to_end);  // the audit knows where the log ends
}

TEST_CASE("gaps beyond the room for them are counted", "[group]") {
  GroupLedger group(shape(), 2);
  for (std::int64_t offset = 0; offset < 10; offset += 2) hand(group, {at(offset)});
  CHECK(group.gaps().size() == 2);
  CHECK(group.history().gaps_dropped == 2);
}

TEST_CASE("a share group is judged by identity alone", "[group]") {
  auto of_share = shape();
  of_share.share = true;
  GroupLedger group(of_share);
  // Two members at one partition, in no order, each passing over what the other has.
  hand(group, {at(4, 0), at(1, 0), at(9, 0)});
  hand(group, {at(0, 1), at(2, 1), at(4, 1)});
  const GroupHistory unfinished = group.history();
  CHECK(unfinished.share);
  CHECK(unfinished.read_until.empty());  // nobody has told its end
  group.read_until(0, 5);                // by a member that was handed less than another
  const GroupHistory history = group.history();
  CHECK(history.nonmonotonic_poll.count == 0);
  CHECK(history.redelivered.count == 1);
  CHECK(history.delivered.at(StreamId{0}).count() == 5);
  CHECK(history.read_until.at(p0) == 10);
  CHECK(history.committed_offsets.empty());
  CHECK(group.gaps().empty());
}
