// The cluster watch and the log reader against the mock cluster, which speaks older protocol
// versions.
#include "kafka/config.hpp"
#include "kafka/log_reader.hpp"
#include "kafka/mock.hpp"
#include "kafka/watch.hpp"
#include "support/catch.hpp"

using namespace seatrial;

namespace {

const TopicPartition first{"orders", 0};

void produce(const kafka::MockCluster& cluster, int count) {
  auto conf = kafka::make_conf({{"bootstrap.servers", cluster.bootstrap()}});
  const auto client = kafka::make_client(kafka::ClientType::producer, std::move(*conf));
  const kafka::TopicHandle topic(rd_kafka_topic_new(client->get(), "orders", nullptr));
  for (int i = 0; i < count; ++i) {
    REQUIRE(rd_kafka_produce(topic.get(), 0, RD_KAFKA_MSG_F_COPY, &i, sizeof i, nullptr, 0,
                             nullptr) == 0);
  }
  REQUIRE(rd_kafka_flush(client->get(), 90'000) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

bool led_by(const kafka::ClusterState& state, NodeId node) {
  return !state.partitions.empty() && state.partitions.front().leader == node;
}

}  // namespace

TEST_CASE("the watch sees leaders, their change and a broker that is gone", "[light]") {
  kafka::MockCluster cluster(3);
  cluster.create_topic("orders", 1, 3);
  cluster.set_leader("orders", 0, NodeId(1));
  kafka::ClusterWatch watch(cluster.nodes(), {"orders"}, milliseconds(20));
  const auto soon = [] { return now() + seconds(90); };
  REQUIRE(watch.wait_until(
      [](const auto& s) { return led_by(s, NodeId(1)) && s.answering.size() == 3; }, soon(), {}));
  CHECK(watch.state().registered.size() == 3);
  CHECK(watch.state().partitions.front().replicas.size() == 3);
  CHECK(watch.state().controller == NodeId(-1));  // the mock has no quorum to ask
  CHECK(watch.drain_changes().size() >= 1);

  cluster.set_leader("orders", 0, NodeId(2));
  REQUIRE(watch.wait_until([](const auto& s) { return led_by(s, NodeId(2)); }, soon(), {}));
  const auto changes = watch.drain_changes();
  REQUIRE(changes.size() == 1);
  CHECK(changes.front().state.leader == NodeId(2));
  CHECK(changes.front().state.where == first);

  cluster.set_down(NodeId(3));
  CHECK(watch.wait_until([](const auto& s) { return s.answering.size() == 2; }, soon(), {}));
  cluster.set_up(NodeId(3));
  CHECK(watch.wait_until([](const auto& s) { return s.answering.size() == 3; }, soon(), {}));
}

TEST_CASE("a hung broker delays the view of no other", "[light]") {
  kafka::MockCluster cluster(2);
  cluster.create_topic("orders", 1, 1);
  cluster.set_leader("orders", 0, NodeId(1));
  cluster.set_round_trip(NodeId(2), seconds(60));
  kafka::ClusterWatch watch(cluster.nodes(), {"orders"}, milliseconds(20));
  const auto led_by_one = [](const auto& s) { return led_by(s, NodeId(1)); };
  CHECK(watch.wait_until(led_by_one, now() + seconds(50), {}));
  CHECK(watch.state().answering == std::vector{NodeId(1)});
}

TEST_CASE("a wait for what does not come ends at its deadline, or when asked to", "[light]") {
  kafka::MockCluster cluster(1);
  kafka::ClusterWatch watch(cluster.nodes(), {"orders"});
  const auto never = [](const kafka::ClusterState&) { return false; };
  CHECK_FALSE(watch.wait_until(never, now() + milliseconds(50), {}));
  std::stop_source stop;
  stop.request_stop();
  CHECK_FALSE(watch.wait_until(never, now() + seconds(3600), stop.get_token()));
}

TEST_CASE("offsets are asked of the leader, and a log is read between them", "[light]") {
  kafka::MockCluster cluster(1);
  cluster.create_topic("orders", 1, 1);
  kafka::ClusterWatch watch(cluster.nodes(), {"orders"}, milliseconds(20));
  CHECK_FALSE(watch.log_end({"orders", 7}, now() + seconds(1)).has_value());
  const auto led_by_one = [](const auto& s) { return led_by(s, NodeId(1)); };
  REQUIRE(watch.wait_until(led_by_one, now() + seconds(90), {}));
  produce(cluster, 1000);
  const auto deadline = now() + seconds(90);
  CHECK(watch.log_start(first, deadline).value() == 0);
  CHECK(watch.high_watermark(first, deadline).value() == 1000);
  CHECK(watch.log_end(first, deadline).value() == 1000);

  const auto reader = GENERATE(kafka::Reader::wire, kafka::Reader::librdkafka);
  INFO("reader " << kafka::to_string(reader));
  std::vector<std::int64_t> offsets;
  const auto keep = [&](const TopicPartition& where, const LogBatch& batch,
                        std::span<const LogRecord> records) {
    CHECK(where == first);
    CHECK(batch.seen == (reader == kafka::Reader::wire));
    for (const LogRecord& record : records) {
      CHECK(record.value.size() == sizeof(int));
      offsets.push_back(record.offset);
    }
  };
  const auto read = [&](std::int64_t from, std::int64_t to, nanoseconds budget) {
    offsets.clear();
    const Instant until = now() + budget;
    const auto reading =
        kafka::read_log(reader, cluster.bootstrap(), {{first, from, to}}, keep, until, {});
    CHECK(reading.refusal.empty());
    return reading.outcomes.at(0);
  };
  const auto part = read(100, 900, seconds(90));
  CHECK(part.complete);
  CHECK(part.messages == 800);
  REQUIRE(offsets.size() == 800);
  CHECK(offsets.front() == 100);
  CHECK(offsets.back() == 899);
  CHECK(std::ranges::is_sorted(offsets));
  CHECK(read(500, 500, seconds(90)).complete);
  // It waits for what never comes until its time is over; a slow machine needs some for the rest.
  auto beyond = read(990, 1010, seconds(1));
  for (int s = 2; beyond.messages < 10 && s < 90; s *= 2) beyond = read(990, 1010, seconds(s));
  CHECK_FALSE(beyond.complete);
  CHECK(beyond.messages == 10);
  CHECK(beyond.reason.find("ended at offset 1000") != std::string::npos);
}
