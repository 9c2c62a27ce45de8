// Merging what brokers tell, in the orders in which they tell it around a pause or a change of
// leader.
#include "kafka/views.hpp"

#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::kafka;

namespace {

const TopicPartition where{"orders", 0};
const std::vector<NodeId> everyone{NodeId(1), NodeId(2), NodeId(3)};

std::vector<PartitionState> led(std::int32_t leader, std::int32_t epoch, std::vector<NodeId> isr) {
  return {{where, NodeId(leader), epoch, std::move(isr), everyone}};
}

struct Brokers {
  void report(std::int32_t from, const std::vector<PartitionState>& what) {
    views.reported(NodeId(from), what, everyone, from_ns(++clock));
  }
  [[nodiscard]] PartitionState present() const { return views.state().partitions.at(0); }
  Views views;
  std::int64_t clock = 0;
};

}  // namespace

TEST_CASE("nothing told is nothing known") {
  Views views;
  CHECK(views.state().partitions.empty());
  CHECK(views.state().answering.empty());
  CHECK(views.leader(where) == NodeId(-1));
  CHECK(views.take_changes().empty());
}

TEST_CASE("the first state is a change, its repetition is none") {
  Brokers brokers;
  brokers.report(1, led(1, 0, everyone));
  brokers.report(2, led(1, 0, everyone));
  brokers.report(1, led(1, 0, everyone));
  const auto changes = brokers.views.take_changes();
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].at == from_ns(1));
  CHECK(brokers.views.leader(where) == NodeId(1));
  CHECK(brokers.views.state().answering == std::vector{NodeId(1), NodeId(2)});
  CHECK(brokers.views.state().registered == everyone);
}

TEST_CASE("a topic that nobody knows any more is gone, and one of its name begins anew") {
  Brokers brokers;
  brokers.report(1, led(1, 7, everyone));
  brokers.report(2, led(1, 7, everyone));
  static_cast<void>(brokers.views.take_changes());
  brokers.views.unknown(NodeId(1), "orders", from_ns(10));
  CHECK(brokers.present().leader == NodeId(1));  // the other one may be the one that is right
  brokers.views.unknown(NodeId(2), "payments", from_ns(11));
  CHECK(brokers.present().leader == NodeId(1));
  brokers.views.unknown(NodeId(2), "orders", from_ns(12));
  CHECK(brokers.views.state().partitions.empty());
  const auto gone = brokers.views.take_changes();
  REQUIRE(gone.size() == 1);
  CHECK(gone[0].at == from_ns(12));
  CHECK(gone[0].state.leader == NodeId(-1));
  CHECK(gone[0].state.isr.empty());
  brokers.report(1, led(3, 0, everyone));
  CHECK(brokers.present().leader == NodeId(3));
  CHECK(brokers.present().epoch == 0);
}

TEST_CASE("a higher epoch wins whoever tells it, a lower one never does") {
  Brokers brokers;
  brokers.report(1, led(1, 4, everyone));
  brokers.report(2, led(2, 5, {NodeId(2), NodeId(3)}));
  brokers.report(1, led(1, 4, everyone));  // back from a pause, repeating itself
  brokers.report(3, led(3, 3, everyone));  // further behind still, and new
  CHECK(brokers.present().leader == NodeId(2));
  CHECK(brokers.present().epoch == 5);
  CHECK(brokers.views.take_changes().size() == 2);
}

TEST_CASE("at equal epochs a broker's own change wins over others' repetition") {
  Brokers brokers;
  for (std::int32_t broker : {1, 2, 3}) brokers.report(broker, led(1, 4, everyone));
  brokers.report(1, led(1, 4, {NodeId(1), NodeId(2)}));  // one follower fell behind
  brokers.report(3, led(1, 4, everyone));                // that follower has not heard of it
  CHECK(brokers.present().isr.size() == 2);
  brokers.report(2, led(1, 4, {NodeId(1), NodeId(2)}));
  CHECK(brokers.present().isr.size() == 2);
  brokers.report(1, led(1, 4, everyone));  // and caught up
  CHECK(brokers.present().isr.size() == 3);
  CHECK(brokers.views.take_changes().size() == 3);
}

TEST_CASE("what all answering brokers agree on is true in the end") {
  Brokers brokers;
  brokers.report(1, led(1, 4, everyone));
  brokers.report(2, led(1, 4, everyone));
  brokers.report(2, led(1, 4, {NodeId(1)}));  // adopted last, although 2 was only catching up
  brokers.report(1, led(1, 4, everyone));
  CHECK(brokers.present().isr.size() == 1);
  CHECK(brokers.views.lost(NodeId(2)));
  CHECK_FALSE(brokers.views.lost(NodeId(2)));
  brokers.report(1, led(1, 4, everyone));
  CHECK(brokers.present().isr.size() == 3);
}

TEST_CASE("a partition may lose its leader without a new epoch") {
  Brokers brokers;
  brokers.report(1, led(1, 4, everyone));
  brokers.report(2, led(1, 4, everyone));
  brokers.report(2, led(-1, 4, {NodeId(1)}));
  CHECK(brokers.views.leader(where) == NodeId(-1));
}

TEST_CASE("brokers that answer take turns, those that do not are asked at each tick") {
  Brokers brokers;
  const auto turns = [&](std::uint64_t tick) {
    std::vector<NodeId> out;
    for (const NodeId broker : everyone) {
      if (brokers.views.turn_of(broker, tick)) out.push_back(broker);
    }
    return out;
  };
  CHECK(turns(0) == everyone);
  for (const NodeId broker : everyone) brokers.report(broker.value, led(1, 0, everyone));
  CHECK(turns(0) == std::vector{NodeId(1)});
  CHECK(turns(1) == std::vector{NodeId(2)});
  CHECK(turns(5) == std::vector{NodeId(3)});
  brokers.views.lost(NodeId(2));
  CHECK(turns(6) == std::vector{NodeId(1), NodeId(2)});
  CHECK(turns(7) == std::vector{NodeId(2), NodeId(3)});
}
