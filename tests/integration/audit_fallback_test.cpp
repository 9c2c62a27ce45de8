// A cluster that does not speak our versions of Fetch is audited through librdkafka, from the
// beginning, and the result says so. Against the mock, which can pose as an old broker.
#include "kafka/config.hpp"
#include "kafka/mock.hpp"
#include "ledger/identity.hpp"
#include "run/audit_log.hpp"
#include "support/catch.hpp"

using namespace seatrial;

namespace {

constexpr std::uint32_t tag = 0x5ea7;
constexpr std::uint64_t count = 500;
constexpr int fetch_key = 1;  // the protocol's number of the Fetch request

void produce(const kafka::MockCluster& cluster) {
  auto conf = kafka::make_conf({{"bootstrap.servers", cluster.bootstrap()}});
  const auto client = kafka::make_client(kafka::ClientType::producer, std::move(*conf));
  const kafka::TopicHandle topic(rd_kafka_topic_new(client->get(), "orders", nullptr));
  std::vector<std::byte> value(100);
  for (std::uint64_t seq = 0; seq < count; ++seq) {
    ledger::stamp(value, {tag, StreamId{0}, Seq{seq}, 0});
    REQUIRE(rd_kafka_produce(topic.get(), 0, RD_KAFKA_MSG_F_COPY, value.data(), value.size(),
                             nullptr, 0, nullptr) == 0);
  }
  REQUIRE(rd_kafka_flush(client->get(), 10'000) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

struct Witness : LogObserver {
  void begin() override {
    ++readings;
    records = 0;
  }
  void observe(const TopicPartition&, const LogBatch& batch, const LogRecord&) override {
    ++records;
    batches_seen = batches_seen || batch.seen;
  }
  void finish(History&) override { ++finished; }

  int readings = 0, finished = 0;
  std::uint64_t records = 0;
  bool batches_seen = false;
};

struct Audited {
  run::AuditResult result;
  History history;
  Witness witness;
};

Audited audit(const kafka::MockCluster& cluster) {
  Audited out;
  StreamHistory stream{.stream = StreamId{0}, .where = {"orders", 0}};
  stream.opened = count;
  stream.acked.insert(0, count);
  out.history.streams.push_back(stream);
  kafka::ClusterWatch watch(cluster.nodes(), {"orders"}, milliseconds(20));
  const std::vector<scenario::TopicPlan> topics{
      {.name = "orders", .partitions = 1, .replication = 1, .config = {}}};
  out.result = run::audit_log({.watch = watch,
                               .access = cluster.bootstrap(),
                               .topics = topics,
                               .trial_tag = tag,
                               .recover_budget = seconds(20),
                               .read_budget = seconds(20),
                               .observers = {&out.witness}},
                              out.history, {}, [](std::uint64_t) {});
  INFO(out.result.reason);
  CHECK(out.result.complete);
  CHECK(out.result.messages_read == count);
  CHECK(out.history.streams.at(0).present.count() == count);
  CHECK(out.witness.records == count);
  CHECK(out.witness.finished == 1);
  return out;
}

}  // namespace

TEST_CASE("a cluster is audited by wire where it speaks our Fetch, else through librdkafka",
          "[light]") {
  kafka::MockCluster cluster(1);
  cluster.create_topic("orders", 1, 1);
  produce(cluster);

  const Audited by_wire = audit(cluster);
  CHECK(by_wire.result.reader == kafka::Reader::wire);
  CHECK(by_wire.result.reader_reason.empty());
  CHECK(run::not_checked(by_wire.result.reader).empty());
  CHECK(by_wire.history.partitions.at(0).batches_seen);
  CHECK(by_wire.witness.batches_seen);
  CHECK(by_wire.witness.readings == 1);

  cluster.set_versions(fetch_key, 0, 3);
  const Audited fallen_back = audit(cluster);
  CHECK(fallen_back.result.reader == kafka::Reader::librdkafka);
  CHECK(fallen_back.result.reader_reason.find("speaks no version of Fetch") != std::string::npos);
  CHECK_FALSE(run::not_checked(fallen_back.result.reader).empty());
  CHECK_FALSE(fallen_back.history.partitions.at(0).batches_seen);
  CHECK_FALSE(fallen_back.witness.batches_seen);
  CHECK(fallen_back.witness.readings == 2);
}
