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
