// What a lane's books say of messages that were never sent: to the record, and to availability.
#include "workloads/lane_books.hpp"

#include "kafka/config.hpp"
#include "ledger/ledger.hpp"
#include "measure/availability.hpp"
#include "measure/recorder.hpp"
#include "support/catch.hpp"
#include "support/values.hpp"

using namespace seatrial;

namespace {

using seatrial::test::ms;

// The books of a lane on a topic of two partitions, which both acked a while ago.
struct Desk {
  Desk() : start_ns(to_ns(now()) - 1000 * ms) {
    for (const std::size_t cell : {1U, 2U}) availability.acked(cell, start_ns, start_ns + ms);
  }
  // By partition: when the wait began that has no end, since the start.
  [[nodiscard]] std::map<std::int32_t, std::int64_t> waits() const {
    std::map<std::int32_t, std::int64_t> out;
    for (const auto& span : availability.spans(start_ns + 1000 * ms)) {
      out[span.where.partition] = (to_ns(span.from) - start_ns) / ms;
    }
    return out;
  }

  static LaneContext context_of(Desk& desk) {
    LaneContext context;
    context.partitions = 2;
    context.recorder = &desk.recorder;
    context.counters = &desk.counters;
    context.ledger = &desk.lane_ledger;
    context.availability = &desk.availability;
    context.first_partition = 1;
    return context;
  }

  std::int64_t start_ns;
  LaneCounters counters;
  measure::LaneRecorder recorder{0, INT64_MAX};
  measure::Availability availability{{{"others", 0}, {"orders", 0}, {"orders", 1}}};
  ledger::Ledger ledger{
      {{.workload = "book", .topic = "orders", .partitions = 2, .max_in_flight = 4}}};
  ledger::LaneLedger lane_ledger = ledger.lane(0);
  LaneContext context = context_of(*this);  // the books keep what it names
  LaneReport report;
  workloads::LaneBooks books{context, report, {{"acks", "all"}, {"retry.backoff.ms", "100"}}};
};

}  // namespace

TEST_CASE("a message that was never sent waited on its partition") {
  Desk desk;
  desk.books.unsent(desk.start_ns + 300 * ms, 1);
  CHECK(desk.waits() == std::map<std::int32_t, std::int64_t>{{1, 300}});
  CHECK(desk.report.intended == 1);
  CHECK(desk.report.unsent == 1);
}

TEST_CASE("a message that was never given a partition waited on all that are in use") {
  Desk desk;
  desk.books.unsent(desk.start_ns + 300 * ms);
  desk.books.unsent(desk.start_ns + 400 * ms);
  CHECK(desk.waits() == std::map<std::int32_t, std::int64_t>{{0, 300}, {1, 300}});
  CHECK(desk.report.unsent == 2);
}

TEST_CASE("a message that the client's full queue kept out waited on its partition") {
  Desk desk;
  auto conf = kafka::make_conf(
      {{"bootstrap.servers", "127.0.0.1:1"}, {"queue.buffering.max.messages", "1"}});
  rd_kafka_conf_set_log_cb(conf->get(), nullptr);  // there is no broker
  const auto client = kafka::make_client(kafka::ClientType::producer, std::move(*conf));
  const kafka::TopicHandle topic(rd_kafka_topic_new(client->get(), "orders", nullptr));
  const auto send = [&](std::int64_t due_ms) {
    const auto index = desk.books.open(0, desk.start_ns + due_ms * ms);
    return desk.books.send(**client, *topic, index, {}, {}, [] { return true; });
  };
  CHECK(send(200) == RD_KAFKA_RESP_ERR_NO_ERROR);
  CHECK(desk.waits().empty());
  CHECK(send(300) == RD_KAFKA_RESP_ERR__QUEUE_FULL);
  CHECK(desk.waits() == std::map<std::int32_t, std::int64_t>{{0, 300}});
  CHECK(desk.report.unsent == 1);
  rd_kafka_purge(client->get(), RD_KAFKA_PURGE_F_QUEUE);
  rd_kafka_flush(client->get(), 1000);
  desk.books.close();
}

TEST_CASE("what a lane leaves out by its own design was nobody's to take") {
  Desk desk;
  desk.books.left_out(desk.start_ns + 300 * ms);
  CHECK(desk.waits().empty());
  CHECK(desk.report.intended == 1);
  CHECK(desk.report.unsent == 1);
}
