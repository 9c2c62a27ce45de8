// Offsets that a group passed over, told by what the log held then.
#include "workloads/skipped_readable.hpp"

#include "support/catch.hpp"

namespace seatrial::workloads {
namespace {

const TopicPartition first{"orders", 0}, second{"orders", 1};

TEST_CASE("what was skipped though the log held it is told from what was deleted") {
  using ledger::OffsetGap;
  const auto at = [](int when_s) { return from_ns(when_s * 1'000'000'000LL); };
  const std::vector<OffsetGap> gaps{
      {OffsetGap::Kind::poll_skip, first, 100, 900, to_ns(at(5))},
      {OffsetGap::Kind::poll_skip, first, 850, 900, to_ns(at(5))},   // another member: counted once
      {OffsetGap::Kind::poll_skip, first, 950, 999, to_ns(at(99))},  // nobody looked after it
      {OffsetGap::Kind::skipped, first, 0, 900, 0},
      {OffsetGap::Kind::poll_skip, second, 0, 50, to_ns(at(5))}};
  History history;
  CHECK_FALSE(skipped_readable(history, "orders", gaps));
  history.retention = {
      {.where = first,
       .extents = {{at(4), at(4), 200, 800}, {at(6), at(6), 300, 1000}, {at(8), at(8), 700, 1100}},
       .timestamp_lag = {}}};
  // The look before the jump is too early to tell; the first after it bounds the start from above.
  CHECK(skipped_readable(history, "orders", gaps) == 600U);
  history.retention[0].extents[1].log_start = 900;
  CHECK(skipped_readable(history, "orders", gaps) == 0U);
  CHECK_FALSE(skipped_readable(history, "others", gaps));
  history.contract.retention["orders"].compacts = true;
  CHECK_FALSE(skipped_readable(history, "orders", gaps));
  history.contract.retention.clear();
  history.partitions = {{.where = first, .control_batches = 1}};
  CHECK_FALSE(skipped_readable(history, "orders", gaps));
}

}  // namespace
}  // namespace seatrial::workloads
