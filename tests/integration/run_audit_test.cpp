// The audit on a real log with one known flaw: it reports that flaw, there, once, and nothing
// else. What the producer was told is written into a ledger by hand, so that it and the log differ
// in exactly one message.
#include <librdkafka/rdkafka.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "checkers/check_all.hpp"
#include "checkers/common.hpp"
#include "kafka/admin.hpp"
#include "kafka/config.hpp"
#include "kafka/handle.hpp"
#include "ledger/identity.hpp"
#include "ledger/ledger.hpp"
#include "run/audit_log.hpp"
#include "support/catch.hpp"
#include "support/real_cluster.hpp"

namespace seatrial::run {
namespace {

constexpr std::uint32_t tag = 0x5ea7;
constexpr std::uint64_t reported = 20;  // messages that the ledger holds as acked: 0 to 19
constexpr std::uint64_t odd = 7;    // the one with the flaw

using Value = std::vector<std::byte>;

Value message(std::uint64_t seq) {
  Value value(100, static_cast<std::byte>('a' + seq));
  ledger::stamp(value, {tag, StreamId{0}, Seq{seq}, static_cast<std::int64_t>(seq) * 1000});
  return value;
}

std::vector<Value> all_messages() {
  std::vector<Value> log;
  for (std::uint64_t seq = 0; seq < reported; ++seq) log.push_back(message(seq));
  return log;
}

// Appends to partition 0 of the topic, one message after the other, each acked before the next.
void write_log(const std::string& bootstrap, const std::string& topic,
               const std::vector<Value>& log) {
  auto conf = kafka::make_conf({{"bootstrap.servers", bootstrap},
                                {"acks", "all"},
                                {"enable.idempotence", "true"},
                                {"linger.ms", "0"}});
  REQUIRE(conf);
  auto client = kafka::make_client(kafka::ClientType::producer, std::move(*conf));
  REQUIRE(client);
  for (const Value& value : log) {
    REQUIRE(rd_kafka_producev(client->get(), RD_KAFKA_V_TOPIC(topic.c_str()),
                              RD_KAFKA_V_PARTITION(0),
                              RD_KAFKA_V_VALUE(const_cast<std::byte*>(value.data()), value.size()),
                              RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                              RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
    REQUIRE(rd_kafka_flush(client->get(), 30'000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }
}

// What a producer would hold that was told of 20 acks.
std::unique_ptr<ledger::Ledger> ledger_of(const std::string& topic, std::int64_t shift) {
  const ledger::LaneShape shape{
      .lane = LaneId(0), .workload = "produce", .topic = topic, .partitions = 1};
  auto ledger = std::make_unique<ledger::Ledger>(std::vector{shape});
  ledger::LaneLedger lane = ledger->lane(0);
  for (std::uint64_t seq = 0; seq < reported; ++seq) {
    const auto slot = lane.open(0, static_cast<std::int64_t>(seq) * 1000);
    lane.settle(slot, ledger::Outcome::acked, static_cast<std::int64_t>(seq) + shift);
  }
  return ledger;
}

History reported_of(const std::string& topic) {
  History history;
  // One lower than they are: below the log's end also where a message is missing from it.
  history.streams = ledger_of(topic, -1)->snapshot();
  history.contract.workloads["produce"] = {.acks = "all", .idempotent = true, .max_in_flight = 5};
  history.contract.min_insync_replicas[topic] = 2;
  history.contract.replication[topic] = 3;
  history.contract.unclean_leader_election[topic] = false;
  return history;
}

// What goes wrong in a log, and the one finding that it must bring.
struct Flaw {
  std::string topic;
  std::string anomaly;  // empty: none
  std::uint64_t seq = odd;
  std::function<void(std::vector<Value>&)> apply;
};

std::vector<Flaw> flaws() {
  const auto at = [](std::vector<Value>& log, std::uint64_t seq) {
    return log.begin() + static_cast<std::ptrdiff_t>(seq);
  };
  return {
      {"sound", "", odd, [](auto&) {}},
      {"removed", "acked-lost", odd, [at](auto& log) { log.erase(at(log, odd)); }},
      {"duplicated", "duplicate", odd, [at](auto& log) { log.insert(at(log, 12), message(odd)); }},
      {"swapped", "reordered", odd,
       [at](auto& log) { std::iter_swap(at(log, odd), at(log, odd + 1)); }},
      {"altered", "corrupt", odd, [](auto& log) { log[odd][50] ^= std::byte{1}; }},
      {"altered-identity", "corrupt", odd, [](auto& log) { log[odd][9] ^= std::byte{1}; }},
      {"added", "phantom", reported, [](auto& log) { log.push_back(message(reported)); }},
  };
}

// What an observer is told of the last reading.
struct Witness : LogObserver {
  void begin() override { values.clear(); }
  void observe(const TopicPartition&, const LogBatch& batch, const LogRecord& record) override {
    if (!batch.control) values.emplace_back(record.value.begin(), record.value.end());
  }
  void finish(History& history) override { partitions = history.partitions.size(); }

  std::vector<Value> values;
  std::size_t partitions = 0;
};

struct Broker {
  Broker() : cluster("local", {.brokers = 1, .combined = true}, "audit") {
    std::vector<kafka::NewTopic> topics;
    for (const Flaw& flaw : flaws()) topics.push_back({flaw.topic, 1, 1, {}});
    topics.push_back({"deleted", 1, 1, {}});
    const auto created =
        kafka::Admin(cluster->bootstrap()).create_topics(topics, now() + seconds(60));
    if (!created) FAIL(created.error().message);
    std::vector<std::string> names;
    for (const auto& topic : topics) names.push_back(topic.name);
    watch = std::make_unique<kafka::ClusterWatch>(cluster->nodes(), names);
  }

  AuditResult audit(const std::string& topic, History& history, nanoseconds read_budget,
                    int replication = 1, kafka::Reader reader = kafka::Reader::wire,
                    std::function<void(ledger::Audit&)> prepare = {}) {
    const std::vector<scenario::TopicPlan> topics{
        {.name = topic, .partitions = 1, .replication = replication, .config = {}}};
    return audit_log({.watch = *watch,
                      .access = cluster->bootstrap(),
                      .topics = topics,
                      .trial_tag = tag,
                      .recover_budget = replication == 1 ? nanoseconds(seconds(60))
                                                         : nanoseconds(milliseconds(500)),
                      .read_budget = read_budget,
                      .prepare = std::move(prepare),
                      .observers = {&witness},
                      .reader = reader},
                     history, {}, [](std::uint64_t) {});
  }

  test::RealCluster cluster;
  std::unique_ptr<kafka::ClusterWatch> watch;
  Witness witness;
};

std::vector<Finding> findings_of(const History& history) {
  checkers::FailedCheckers failed;
  auto findings = checkers::check_all(history, failed);
  CHECK(failed.empty());
  return findings;
}

void sees_exactly(const Flaw& flaw, Broker& broker, const std::vector<Value>& log,
                  kafka::Reader reader) {
  INFO("the log is " << flaw.topic << ", read by " << kafka::to_string(reader));
  History history = reported_of(flaw.topic);
  const AuditResult result = broker.audit(flaw.topic, history, seconds(60), 1, reader);
  INFO(result.reason);
  REQUIRE(result.complete);
  CHECK(result.reader == reader);
  CHECK(result.reader_reason.empty());
  CHECK(result.messages_read == log.size());
  CHECK((broker.witness.values == log));
  CHECK(broker.witness.partitions == 1);
  CHECK(history.partitions.at(0).batches_seen == (reader == kafka::Reader::wire));
  CHECK(history.partitions.at(0).last_stable_offset == history.partitions.at(0).log_end);
  CHECK(checkers::undecided(history).empty());
  const auto findings = findings_of(history);
  for (const auto& finding : findings) UNSCOPED_INFO("found " << finding.anomaly);
  if (flaw.anomaly.empty()) {
    CHECK(findings.empty());
    return;
  }
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].anomaly == flaw.anomaly);
  CHECK(findings[0].count == 1);
  CHECK(findings[0].where == TopicPartition{flaw.topic, 0});
  REQUIRE(findings[0].examples.size() == 1);
  CHECK(findings[0].examples[0].seq == Seq{flaw.seq});
}

// As retention does, but at once.
void delete_records(const std::string& bootstrap, const std::string& topic, std::int64_t before) {
  auto conf = kafka::make_conf({{"bootstrap.servers", bootstrap}});
  REQUIRE(conf);
  auto client = kafka::make_client(kafka::ClientType::producer, std::move(*conf));
  REQUIRE(client);
  const kafka::PartitionListHandle list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 0)->offset = before;
  rd_kafka_DeleteRecords_t* wanted = rd_kafka_DeleteRecords_new(list.get());
  const kafka::QueueHandle queue(rd_kafka_queue_new(client->get()));
  rd_kafka_DeleteRecords(client->get(), &wanted, 1, nullptr, queue.get());
  rd_kafka_DeleteRecords_destroy(wanted);
  const kafka::EventHandle event(rd_kafka_queue_poll(queue.get(), 30'000));
  REQUIRE(event);
  REQUIRE(rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

void distinguishes_deletion_from_loss(Broker& broker) {
  write_log(broker.cluster->bootstrap(), "deleted", all_messages());
  delete_records(broker.cluster->bootstrap(), "deleted", 17);
  const auto ledger = ledger_of("deleted", 0);
  History history = reported_of("deleted");
  history.streams = ledger->snapshot();
  const auto report = [&](ledger::Audit& audit) { audit.report(ledger->offsets()); };
  const AuditResult result =
      broker.audit("deleted", history, seconds(60), 1, kafka::Reader::wire, report);
  INFO(result.reason);
  REQUIRE(result.complete);
  CHECK(history.partitions.at(0).log_start == 17);
  CHECK(checkers::undecided(history).empty());
  CHECK(history.streams[0].expired.count() == 16);
  CHECK(history.streams[0].maybe_expired.count() == 1);  // next to the log's start
  const auto findings = findings_of(history);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].anomaly == "undecided");
  // Nobody told at which offsets they were acked: then they cannot be told from lost ones.
  history.streams = ledger->snapshot();
  CHECK(broker.audit("deleted", history, seconds(60)).complete);
  CHECK_FALSE(checkers::undecided(history).empty());
}

TEST_CASE("the audit of a real log sees the one flaw that it has, and nothing else") {
  Broker broker;
  for (const Flaw& flaw : flaws()) {
    auto log = all_messages();
    flaw.apply(log);
    write_log(broker.cluster->bootstrap(), flaw.topic, log);
    for (const auto reader : {kafka::Reader::wire, kafka::Reader::librdkafka}) {
      sees_exactly(flaw, broker, log, reader);
    }
  }
  distinguishes_deletion_from_loss(broker);

  // What cannot be read in time, or is not fully replicated, proves nothing: not even a sound log.
  for (const auto& [budget, replication] : {std::pair{nanoseconds(0), 1}, {seconds(60), 2}}) {
    INFO("budget " << budget.count() << " ns, replication " << replication);
    History history = reported_of("sound");
    const AuditResult result = broker.audit("sound", history, budget, replication);
    CHECK_FALSE(result.complete);
    CHECK_FALSE(result.reason.empty());
    CHECK_FALSE(checkers::undecided(history).empty());
    for (const auto& finding : findings_of(history)) CHECK(finding.anomaly != "acked-lost");
  }
}

}  // namespace
}  // namespace seatrial::run
