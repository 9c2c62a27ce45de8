// How far replicas are behind, from what brokers told at different times.
#include "kafka/replication.hpp"

#include "support/catch.hpp"

namespace seatrial::kafka {
namespace {

const TopicPartition first{"orders", 0};
const TopicPartition second{"orders", 1};

TEST_CASE("replication: behind counts from each leader's end, unreplicated from its watermark") {
  Replication replication;
  // Broker 1 leads the first, broker 2 the second.
  replication.reported(NodeId(1), {{first, 100}, {second, 40}}, {{first, 90}});
  replication.reported(NodeId(2), {{first, 95}, {second, 50}}, {{second, 50}});
  replication.reported(NodeId(3), {{first, 100}, {second, 10}}, {});
  const auto lag = replication.take();
  CHECK(lag.unreplicated == 10);
  CHECK(lag.behind ==
        std::map<NodeId, std::uint64_t>{{NodeId(1), 10}, {NodeId(2), 5}, {NodeId(3), 40}});
}

TEST_CASE("replication: the worst since the last look is told once") {
  Replication replication;
  replication.reported(NodeId(1), {{first, 100}}, {{first, 20}});
  replication.reported(NodeId(2), {{first, 20}}, {});
  replication.reported(NodeId(2), {{first, 100}}, {});
  replication.reported(NodeId(1), {{first, 100}}, {{first, 100}});
  CHECK(replication.take().unreplicated == 80);
  replication.reported(NodeId(1), {{first, 101}}, {{first, 101}});
  const auto lag = replication.take();
  CHECK(lag.unreplicated == 0);
  CHECK(lag.behind.at(NodeId(2)) == 1);
}

TEST_CASE("replication: a follower that seems ahead is not behind, and a lost one stays behind") {
  Replication replication;
  replication.reported(NodeId(1), {{first, 100}}, {{first, 100}});
  replication.reported(NodeId(2), {{first, 103}}, {});
  CHECK(replication.take().behind.at(NodeId(2)) == 0);
  replication.lost(NodeId(2));
  replication.reported(NodeId(1), {{first, 200}}, {{first, 200}});
  CHECK(replication.take().behind.at(NodeId(2)) == 97);
  // A leader that is gone leads nothing: nobody is behind it.
  replication.lost(NodeId(1));
  replication.reported(NodeId(2), {{first, 150}}, {{first, 150}});
  const auto lag = replication.take();
  CHECK(lag.behind.at(NodeId(1)) == 0);
  CHECK(lag.behind.contains(NodeId(2)) == false);
}

}  // namespace
}  // namespace seatrial::kafka
