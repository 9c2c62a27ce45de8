// What a lane's books say of messages that were never sent: to the record, and to availability.
#include "workloads/lane_books.hpp"

#include "kafka/config.hpp"
#include "ledger/ledger.hpp"
#include "measure/availability.hpp"
#include "measure/recorder.hpp"
#include "support/catch.hpp"
#include "support/values.hpp"
#include "workloads/producer_client.hpp"

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
  workloads::ClientEvents events;
  workloads::ProducerClient client(
      {{"bootstrap.servers", "127.0.0.1:1"}, {"queue.buffering.max.messages", "1"}}, "", "orders",
      [&](const workloads::Delivery& delivery) { desk.books.settle(delivery); }, events);
  const auto send = [&](std::int64_t due_ms) {
    const auto index = desk.books.open(0, desk.start_ns + due_ms * ms);
    return desk.books.send(client, index, {}, {}, [] { return true; });
  };
  CHECK(send(200) == RD_KAFKA_RESP_ERR_NO_ERROR);
  CHECK(desk.waits().empty());
  CHECK(send(300) == RD_KAFKA_RESP_ERR__QUEUE_FULL);
  CHECK(desk.waits() == std::map<std::int32_t, std::int64_t>{{0, 300}});
  CHECK(desk.report.unsent == 1);
  desk.books.close();
}

TEST_CASE("what a client tells of a message is judged by what it knows of earlier attempts") {
  struct Told {
    workloads::Delivery delivery;
    ledger::Outcome outcome;
  };
  using ledger::Outcome, ledger::Persistence;
  constexpr int refused = ledger::error::message_too_large, expired = -192;
  const Told all[] = {
      {{.offset = 7}, Outcome::acked},
      {{.error = refused, .status = Persistence::not_persisted}, Outcome::unknown},  // it is old
      {{.error = refused, .status = Persistence::not_persisted, .earlier_attempt_ambiguous = false},
       Outcome::failed},
      {{.error = refused, .status = Persistence::not_persisted, .earlier_attempt_ambiguous = true},
       Outcome::unknown},
      {{.error = expired, .earlier_attempt_ambiguous = false}, Outcome::unknown},
      {{.error = expired,
        .status = Persistence::not_persisted,
        .never_transmitted = true,
        .earlier_attempt_ambiguous = false},
       Outcome::failed},
  };
  Desk desk;
  for (const Told& told : all) {
    CAPTURE(told.delivery.error);
    auto delivery = told.delivery;
    delivery.index = desk.books.open(0, desk.start_ns);  // sent long ago, as far as it knows
    CHECK(desk.books.settle(delivery).judged.outcome == told.outcome);
  }
}

TEST_CASE("what a lane leaves out by its own design was nobody's to take") {
  Desk desk;
  desk.books.left_out(desk.start_ns + 300 * ms);
  CHECK(desk.waits().empty());
  CHECK(desk.report.intended == 1);
  CHECK(desk.report.unsent == 1);
}
