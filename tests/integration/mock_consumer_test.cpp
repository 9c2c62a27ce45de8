// Consuming lanes against the mock cluster: what they count, how they commit, and that a group of
// several gets ready. Says nothing about Kafka.
#include <thread>

#include "kafka/config.hpp"
#include "kafka/consumer.hpp"
#include "kafka/mock.hpp"
#include "ledger/group.hpp"
#include "ledger/identity.hpp"
#include "measure/recorder.hpp"
#include "support/catch.hpp"
#include "workloads/consumer_lane.hpp"

using namespace seatrial;

namespace {

constexpr std::uint32_t trial_tag = 4711;

class Writer {
 public:
  explicit Writer(const kafka::MockCluster& cluster)
      : client_(kafka::make_client(
                    kafka::ClientType::producer,
                    kafka::make_conf({{"bootstrap.servers", cluster.bootstrap()}}).value())
                    .value()),
        topic_(rd_kafka_topic_new(client_.get(), "orders", nullptr)) {}

  void write(std::int32_t partition, std::span<const std::byte> value) {
    std::vector<std::byte> copied(value.begin(), value.end());
    REQUIRE(rd_kafka_produce(topic_.get(), partition, RD_KAFKA_MSG_F_COPY, copied.data(),
                             copied.size(), nullptr, 0, nullptr) == 0);
  }
  void write(std::int32_t partition, Seq seq) {
    std::vector<std::byte> value(64);
    ledger::stamp(value, {trial_tag, StreamId(0), seq, to_ns(now())});
    write(partition, value);
  }
  void flush() {
    REQUIRE(rd_kafka_flush(client_.get(), 90'000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }

 private:
  kafka::ClientHandle client_;
  kafka::TopicHandle topic_;
};

// Writes `count` messages of stream 0, each `copies` times, and one that is nobody's.
void produce(const kafka::MockCluster& cluster, std::uint64_t count, int copies) {
  Writer writer(cluster);
  for (std::uint64_t seq = 0; seq < count; ++seq) {
    for (int i = 0; i < copies; ++i) writer.write(static_cast<std::int32_t>(seq % 2), Seq(seq));
  }
  writer.write(0, std::as_bytes(std::span("nobody's")));
  writer.flush();
}

struct Member {
  Member(const kafka::MockCluster& cluster, TrialClock& clock, ledger::GroupLedger& group) {
    context.workload = "read";
    context.bootstrap = cluster.bootstrap();
    context.topic = "orders";
    context.partitions = 2;
    context.trial_tag = trial_tag;
    context.clock = &clock;
    context.counters = &counters;
    context.recorder = &recorder;
    context.group = &group;
  }
  LaneCounters counters;
  measure::LaneRecorder recorder{0, INT64_MAX};
  LaneContext context;
};

template <class Condition>
bool eventually(Condition condition) {
  const Instant deadline = now() + seconds(90);
  while (now() < deadline) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return false;
}

}  // namespace

TEST_CASE("a consumer tells first deliveries from repeated ones and foreign messages from ours",
          "[light]") {
  kafka::MockCluster cluster(1);
  cluster.create_topic("orders", 2, 1);
  produce(cluster, 500, 2);
  const auto commit =
      GENERATE(workloads::Commit::automatic, workloads::Commit::after, workloads::Commit::sync);
  TrialClock clock;
  ledger::GroupLedger group(
      {.workload = "read", .group = "readers", .topic = "orders", .partitions = 2});
  Member member(cluster, clock, group);
  LaneReport report;
  std::thread lane([&] {
    const workloads::ConsumerSettings settings{.group = "readers", .commit = commit};
    report = workloads::run_consumer_lane(
        settings, member.context, [] {}, std::stop_token());
  });
  CHECK(eventually([&] { return member.counters.consumed == 1000; }));
  clock.consumers_stop = true;
  lane.join();
  CHECK(group.distinct() == 500);
  CHECK(report.redelivered == 500);
  const GroupHistory history = group.history();
  std::int64_t read = 0;
  for (const auto& [where, offset] : history.read_until) read += offset;
  CHECK(read == 1001);
  CHECK(history.redelivered.count == 500);
  CHECK(history.nonmonotonic_poll.count == 0);
  CHECK(group.gaps().empty());  // the foreign message is no gap
  // Told by the members' own commits, and by the coordinator.
  const auto held =
      kafka::committed_offsets(cluster.bootstrap(), "readers", "orders", 2, seconds(10));
  REQUIRE(held);
  CHECK(history.committed_offsets == *held);
  std::int64_t committed = 0;
  for (const auto& [where, offset] : *held) committed += offset;
  CHECK(committed == 1001);
  CHECK(member.recorder.total(measure::Metric::end_to_end).count() == 500);
  CHECK(std::ranges::count(report.notes, "1 message without a readable identity") == 1);
  CHECK(report.effective_config.at("auto.offset.reset") == "smallest");
}

TEST_CASE("a consumer that has to stop leaves its group, with messages on their way to it",
          "[light]") {
  kafka::MockCluster cluster(1);
  cluster.create_topic("orders", 2, 1);
  produce(cluster, 20'000, 1);
  TrialClock clock;
  ledger::GroupLedger group(
      {.workload = "read", .group = "readers", .topic = "orders", .partitions = 2});
  Member member(cluster, clock, group);
  // Small, so that more is fetched while the first are handled.
  member.context.properties = {{"fetch.message.max.bytes", "2000"}, {"queued.min.messages", "100"}};
  std::stop_source stop;
  LaneReport report;
  std::thread lane([&] {
    const workloads::ConsumerSettings settings{.group = "readers", .handler = milliseconds(1)};
    report = workloads::run_consumer_lane(
        settings, member.context, [] {}, stop.get_token());
  });
  CHECK(eventually([&] { return member.counters.consumed >= 100; }));
  clock.consumers_stop = true;
  stop.request_stop();
  lane.join();
  CHECK(member.counters.consumed < 20'000);
}

TEST_CASE("members of a group get ready although they join one after the other", "[light]") {
  kafka::MockCluster cluster(1);
  cluster.create_topic("orders", 2, 1);
  TrialClock clock;
  ledger::GroupLedger group;
  std::vector<std::unique_ptr<Member>> members;
  for (int i = 0; i < 2; ++i) {
    members.push_back(std::make_unique<Member>(cluster, clock, group));
    // The mock lets a rebalance take as long as a session.
    members.back()->context.properties = {{"session.timeout.ms", "3000"},
                                          {"heartbeat.interval.ms", "200"}};
  }
  std::atomic<int> ready{0};
  std::vector<std::thread> lanes;
  for (std::size_t i = 0; i < 2; ++i) {
    // The second joins when the first has all partitions, and gets its share only if the first,
    // which waits for the others, still takes part in the group.
    REQUIRE(eventually([&] { return ready == static_cast<int>(i); }));
    lanes.emplace_back([&, i] {
      const auto barrier = [&] {
        ++ready;
        while (ready < 2) std::this_thread::sleep_for(milliseconds(1));
      };
      const workloads::ConsumerSettings settings{.group = "readers"};
      static_cast<void>(
          workloads::run_consumer_lane(settings, members[i]->context, barrier, std::stop_token()));
    });
  }
  CHECK(eventually([&] { return ready == 2; }));
  produce(cluster, 500, 1);
  CHECK(eventually(
      [&] { return members[0]->counters.consumed + members[1]->counters.consumed >= 500; }));
  clock.consumers_stop = true;
  for (auto& lane : lanes) lane.join();
  CHECK(group.distinct() == 500);
  // Had the first been deaf while it waited, the second would have been given its partition too.
  CHECK(members[0]->counters.consumed == 250);
  CHECK(members[1]->counters.consumed == 250);
}

// A member that keeps a partition in which nothing happens any more is told its end only once.
TEST_CASE("a member that gives up one partition still knows how far it read the others",
          "[light]") {
  kafka::MockCluster cluster(1);
  cluster.create_topic("orders", 2, 1);
  produce(cluster, 500, 1);
  TrialClock clock;
  ledger::GroupLedger group(
      {.workload = "read", .group = "readers", .topic = "orders", .partitions = 2});
  std::vector<std::unique_ptr<Member>> members;
  std::vector<std::thread> lanes;
  std::atomic<int> ready{0};
  for (int i = 0; i < 2; ++i) {
    members.push_back(std::make_unique<Member>(cluster, clock, group));
    members.back()->context.properties = {{"partition.assignment.strategy", "cooperative-sticky"},
                                          {"session.timeout.ms", "3000"},
                                          {"heartbeat.interval.ms", "200"},
                                          {"fetch.wait.max.ms", "10"}};
    lanes.emplace_back([&, i] {
      const workloads::ConsumerSettings settings{.group = "readers"};
      static_cast<void>(workloads::run_consumer_lane(
          settings, members[static_cast<std::size_t>(i)]->context, [&] { ++ready; },
          std::stop_token()));
    });
    // The first has read everything before the second joins, and takes one partition of it.
    CHECK(eventually([&] { return ready > i && members[0]->counters.consumed >= 500; }));
  }
  // Until the newcomer has read from the partition that moves to it; the other one stays silent.
  constexpr std::int32_t moves = 0, stays = 1;
  Writer writer(cluster);
  std::uint64_t later = 0;
  CHECK(eventually([&] {
    writer.write(moves, Seq(500 + later++));
    writer.flush();
    return members[1]->counters.consumed > 0;
  }));
  CHECK(eventually([&] { return group.distinct() == 500 + later; }));
  clock.consumers_stop = true;
  for (auto& lane : lanes) lane.join();
  auto until = group.history().read_until;
  CHECK(until[{"orders", stays}] == 250);
  CHECK(until[{"orders", moves}] == static_cast<std::int64_t>(251 + later));
}
