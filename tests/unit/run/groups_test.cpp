// Whether a group had read to the log's end, as the audit found it.
#include "run/groups.hpp"

#include "support/catch.hpp"

using namespace seatrial;

namespace {

const TopicPartition first{"orders", 0}, second{"orders", 1};

History read_until(std::map<TopicPartition, std::int64_t> offsets) {
  History history;
  history.groups.resize(1);
  history.groups[0].topic = "orders";
  history.groups[0].read_until = std::move(offsets);
  history.partitions = {{.where = first, .log_end = 10, .last_stable_offset = 8},
                        {.where = second, .log_end = 0},
                        {.where = {"others", 0}, .log_end = 99}};
  return history;
}

}  // namespace

TEST_CASE("a group has read to the end if it read each partition of its topic to the log's end") {
  auto history = read_until({{first, 10}});
  run::confirm_ends(history);
  CHECK(history.groups[0].read_to_end);
}

TEST_CASE("a group that read up to a high watermark that stood still has not read to the end") {
  auto history = read_until({{first, 8}, {second, 0}});
  run::confirm_ends(history);
  CHECK_FALSE(history.groups[0].read_to_end);
  CHECK(history.groups[0].unread_reason == "the group read orders/0 to offset 8 of 10");
}

TEST_CASE("a partition that no member was left to read was not read to the end") {
  auto history = read_until({});
  run::confirm_ends(history);
  CHECK(history.groups[0].unread_reason == "the group read orders/0 to offset 0 of 10");
}

TEST_CASE("under read_committed a log ends at its last stable offset") {
  auto history = read_until({{first, 8}});
  history.groups[0].read_committed = true;
  run::confirm_ends(history);
  CHECK(history.groups[0].read_to_end);
}

TEST_CASE("what was skipped though the log held it is told from what was deleted") {
  using ledger::OffsetGap;
  const auto at = [](int second) { return from_ns(second * 1'000'000'000LL); };
  const std::vector<OffsetGap> gaps{
      {OffsetGap::Kind::poll_skip, first, 100, 900, to_ns(at(5))},
      {OffsetGap::Kind::poll_skip, first, 850, 900, to_ns(at(5))},   // another member: counted once
      {OffsetGap::Kind::poll_skip, first, 950, 999, to_ns(at(99))},  // nobody looked after it
      {OffsetGap::Kind::skipped, first, 0, 900, 0},
      {OffsetGap::Kind::poll_skip, second, 0, 50, to_ns(at(5))}};
  History history;
  CHECK_FALSE(run::skipped_readable(history, "orders", gaps));
  history.retention = {
      {.where = first,
       .extents = {{at(4), at(4), 200, 800}, {at(6), at(6), 300, 1000}, {at(8), at(8), 700, 1100}},
       .timestamp_lag = {}}};
  // The look before the jump is too early to tell; the first after it bounds the start from above.
  CHECK(run::skipped_readable(history, "orders", gaps) == 600U);
  history.retention[0].extents[1].log_start = 900;
  CHECK(run::skipped_readable(history, "orders", gaps) == 0U);
  CHECK_FALSE(run::skipped_readable(history, "others", gaps));
  history.contract.retention["orders"].compacts = true;
  CHECK_FALSE(run::skipped_readable(history, "orders", gaps));
  history.contract.retention.clear();
  history.partitions = {{.where = first, .control_batches = 1}};
  CHECK_FALSE(run::skipped_readable(history, "orders", gaps));
}

TEST_CASE("a share group that was still handed messages at its end may be handed more") {
  auto history = read_until({{first, 10}});
  history.groups[0].share = true;
  run::confirm_ends(history);
  CHECK(history.groups[0].read_to_end);
  history.groups[0].cut_short = true;
  run::confirm_ends(history);
  CHECK_FALSE(history.groups[0].read_to_end);
  CHECK(history.groups[0].unread_reason.find("still handed messages") != std::string::npos);
  history.groups[0].share = false;  // others go by offsets, and those say enough
  run::confirm_ends(history);
  CHECK(history.groups[0].read_to_end);
}
