// The transactional client by wire against a broker that answers as it is told: which epoch and
// which sequences each transaction has, what is asked again, and what is certain of each message in
// the end. Says nothing about Kafka; run_transactions_test.cpp does.
#include "workloads/wire_transactional_client.hpp"

#include <deque>
#include <memory>

#include "core/check.hpp"
#include "integration/scripted_broker.hpp"
#include "kafka/wire/bytes.hpp"
#include "kafka/wire/producer.hpp"
#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::kafka::wire;
using seatrial::workloads::Answer;
using seatrial::workloads::Delivery;
using Kind = seatrial::workloads::Answer::Kind;

namespace {

constexpr auto slice = milliseconds(1000);
constexpr std::int16_t moved_leader = 6, loading = 14, no_longer_coordinator = 16;
constexpr std::int16_t old_epoch = 47, concurrent = 51, abortable = 120;
constexpr std::int16_t silent = -1000;  // no answer

// A batch of a Produce request, and a request to end a transaction, as they came.
struct CameIn {
  std::int32_t partition = 0;
  LogBatch header;
  std::int32_t records = 0;
};
struct Ending {
  ProducerIdentity producer;
  bool commit = false;
};

// One broker that coordinates and leads; errors are answered in turn, then none.
class Coordinator {
 public:
  explicit Coordinator(std::int16_t feature_level = 2, std::int16_t end_version = 5)
      : feature_level_(feature_level), broker_(1, 2, besides(end_version)) {}

  [[nodiscard]] std::string address() const { return broker_.address(); }
  [[nodiscard]] int connections() const { return broker_.connected(); }
  void hang_up_next() { broker_.hang_up_next(); }
  void answer_init(std::deque<std::int16_t> errors) { with(init_errors_, std::move(errors)); }
  void answer_produce(std::deque<std::int16_t> errors) { with(produce_errors_, std::move(errors)); }
  void answer_end(std::deque<std::int16_t> errors) { with(end_errors_, std::move(errors)); }
  [[nodiscard]] std::vector<CameIn> came_in() const {
    const std::lock_guard lock(mutex_);
    return came_in_;
  }
  [[nodiscard]] std::vector<Ending> endings() const {
    const std::lock_guard lock(mutex_);
    return endings_;
  }

 private:
  using Errors = std::deque<std::int16_t>;
  void with(Errors& errors, Errors next) {
    const std::lock_guard lock(mutex_);
    errors = std::move(next);
  }
  static std::int16_t next(Errors& errors) {
    if (errors.empty()) return 0;
    const std::int16_t error = errors.front();
    errors.pop_front();
    return error;
  }
  std::optional<Bytes> identity(std::int16_t error) {
    if (error == silent) return std::nullopt;
    Writer out;
    out.int32(0).int16(error);
    if (error == 0) out.int64(1000).int16(epoch_++);
    else out.int64(-1).int16(-1);
    return out.no_tags().take();
  }
  std::optional<Bytes> ended(BytesView body) {
    const std::lock_guard lock(mutex_);
    Cursor in(body);
    check(in.compact_string() == "me", "its own id");
    Ending asked;
    asked.producer.id = in.int64();
    asked.producer.epoch = in.int16();
    asked.commit = in.boolean();
    endings_.push_back(asked);
    return identity(next(end_errors_));
  }
  std::optional<Bytes> produced(BytesView body) {
    const std::lock_guard lock(mutex_);
    Cursor in(body);
    check(in.compact_string() == "me", "its own id");
    in.skip(2 + 4);
    check(in.compact_array(1) == 1 && in.compact_string() == "orders", "one topic");
    Writer out;
    const std::size_t count = in.compact_array(4);
    out.varint(2).compact_string("orders").varint(count + 1);
    const std::int16_t error = next(produce_errors_);
    for (std::size_t i = 0; i < count; ++i) {
      CameIn one{.partition = in.int32()};
      const auto bytes = in.bytes(in.varint() - 1);
      in.skip_tags();
      BatchScan scan(bytes);
      Batch batch;
      check(in.ok() && scan.next(batch) && crc_holds(batch), "a request holds a sound batch");
      one.header = batch.header;
      one.records = batch.record_count;
      came_in_.push_back(one);
      out.int32(one.partition).int16(error).int64(error == 0 ? 100 : -1).int64(-1).int64(0);
      out.varint(1).varint(0).no_tags();
    }
    if (error == silent) return std::nullopt;
    return out.no_tags().int32(0).no_tags().take();
  }
  std::optional<Bytes> features() const {
    Writer level;
    level.varint(2).compact_string(transaction_feature);
    level.int16(feature_level_).int16(1).no_tags();
    Writer out;
    out.int16(0).varint(1).int32(0).varint(1).varint(2).varint(level.bytes().size());
    return out.append(level.bytes()).take();
  }
  test::AllBesides besides(std::int16_t end_version) {
    const auto found = [](BytesView) {
      return Writer().int32(0).int16(0).int16(-1).int32(1).string("").int32(0).take();
    };
    return {{Api::find_coordinator, {.version = 2, .flexible = false, .answer = found}},
            {Api::api_versions, {.version = 3, .answer = [this](auto) { return features(); }}},
            {Api::init_producer_id,
             {.version = 5,
              .answer =
                  [this](auto) {
                    const std::lock_guard lock(mutex_);
                    return identity(next(init_errors_));
                  }}},
            {Api::produce, {.version = 12, .answer = [this](auto body) { return produced(body); }}},
            {Api::end_txn,
             {.version = end_version, .answer = [this](auto body) { return ended(body); }}}};
  }

  std::int16_t feature_level_;
  mutable std::mutex mutex_;  // guards the following
  Errors init_errors_, produce_errors_, end_errors_;
  std::vector<CameIn> came_in_;
  std::vector<Ending> endings_;
  std::int16_t epoch_ = 7;
  test::ScriptedBroker broker_;  // last: its thread uses the above
};

struct Desk {
  explicit Desk(Coordinator& at, kafka::Properties properties = {})
      : coordinator(at), client(made(std::move(properties))) {}

  std::unique_ptr<workloads::WireTransactionalClient> made(kafka::Properties properties) {
    properties.try_emplace("socket.timeout.ms", "300");
    const workloads::WireTransactionalClient::Terms terms{.bootstrap = coordinator.address(),
                                                          .topic = "orders",
                                                          .partitions = 2,
                                                          .transactional_id = "me",
                                                          .properties = std::move(properties)};
    return std::make_unique<workloads::WireTransactionalClient>(
        terms, [this](const Delivery& delivery) { told.push_back(delivery); }, events);
  }
  void send(std::int32_t partition, std::size_t size = 10) {
    const std::vector<std::byte> value(size, std::byte{'x'});
    REQUIRE(client->send({.index = next++, .partition = partition, .value = value}) == 0);
  }
  // Initialised, and a transaction with a message for each partition.
  void begin() {
    REQUIRE(client->init(slice).done());
    begin_next();
  }
  void begin_next() {
    REQUIRE(client->begin().done());
    send(0);
    send(1);
  }

  Coordinator& coordinator;
  workloads::ClientEvents events;
  std::vector<Delivery> told;
  ledger::SlotIndex next = 0;
  std::unique_ptr<workloads::WireTransactionalClient> client;
};

}  // namespace

TEST_CASE("wire transactions: each has an epoch of its own, and sequences from 0", "[light]") {
  Coordinator coordinator;
  Desk desk(coordinator);
  desk.begin();
  desk.send(0);
  CHECK(coordinator.came_in().empty());  // nothing leaves before it has to
  REQUIRE(desk.client->commit(slice).done());
  desk.begin_next();
  REQUIRE(desk.client->flush(slice));
  desk.send(1);
  REQUIRE(desk.client->abort(slice).done());

  const auto seen = coordinator.came_in();
  REQUIRE(seen.size() == 4);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    CAPTURE(i);
    CHECK(seen[i].header.transactional);
    CHECK(seen[i].header.producer_id == 1000);
    CHECK(seen[i].header.producer_epoch == (i < 2 ? 7 : 8));
    CHECK(seen[i].header.base_sequence == 0);
    CHECK(seen[i].records == (i == 0 ? 2 : 1));
  }
  const auto endings = coordinator.endings();
  REQUIRE(endings.size() == 2);
  CHECK(endings[0].commit);
  CHECK(endings[0].producer == ProducerIdentity{1000, 7});
  CHECK_FALSE(endings[1].commit);
  CHECK(endings[1].producer == ProducerIdentity{1000, 8});
  // Those of one request, by partition; then the second transaction's, of which one never left.
  REQUIRE(desk.told.size() == 6);
  CHECK(desk.told[0].index == 0);
  CHECK(desk.told[0].offset == 100);
  CHECK(desk.told[1].index == 2);
  CHECK(desk.told[1].offset == 101);
  CHECK(desk.told[5].error == error_never_left);
  CHECK(desk.told[5].never_transmitted);
}

TEST_CASE("wire transactions: an end without an answer is asked for again, anew", "[light]") {
  Coordinator coordinator;
  Desk desk(coordinator);
  desk.begin();
  REQUIRE(desk.client->flush(slice));
  const int before = coordinator.connections();
  coordinator.answer_end({silent, concurrent, no_longer_coordinator, loading});
  const Answer first = desk.client->commit(milliseconds(100));
  CHECK(first.kind == Kind::again);
  CHECK(coordinator.endings().size() == 1);
  CHECK(desk.client->commit(milliseconds(50)).kind == Kind::again);
  CHECK(coordinator.endings().size() == 1);  // it was waited for, and not asked for again
  REQUIRE(desk.client->commit(seconds(5)).done());
  const auto endings = coordinator.endings();
  REQUIRE(endings.size() == 5);
  for (const auto& asked : endings) {
    CHECK(asked.commit);
    CHECK(asked.producer == ProducerIdentity{1000, 7});
  }
  CHECK(coordinator.connections() > before);
  REQUIRE(desk.events.notes().size() == 1);
  CHECK(desk.events.notes()[0].find("_TIMED_OUT, 1 time: ") != std::string::npos);
  desk.begin_next();
  REQUIRE(desk.client->commit(slice).done());
  CHECK(coordinator.endings().back().producer == ProducerIdentity{1000, 8});
}

TEST_CASE("wire transactions: what passes is sent again with the same sequences", "[light]") {
  Coordinator coordinator;
  Desk desk(coordinator);
  desk.begin();
  coordinator.answer_produce({moved_leader, concurrent});
  SECTION("after errors") {}
  SECTION("after a request without an answer") { coordinator.answer_produce({silent}); }
  SECTION("after a lost connection") { coordinator.hang_up_next(); }
  REQUIRE(desk.client->flush(seconds(5)));
  for (const auto& batch : coordinator.came_in()) {
    CHECK(batch.header.base_sequence == 0);
    CHECK(batch.header.producer_epoch == 7);
  }
  REQUIRE(desk.told.size() == 2);
  for (const auto& delivery : desk.told) CHECK(delivery.error == 0);
  desk.send(0);
  REQUIRE(desk.client->commit(slice).done());
  CHECK(coordinator.came_in().back().header.base_sequence == 1);
}

TEST_CASE("wire transactions: a batch that failed ends its transaction, and no other", "[light]") {
  Coordinator coordinator;
  Desk desk(coordinator, {{"batch.num.messages", "1"}});
  desk.begin();
  REQUIRE(desk.client->flush(slice));
  coordinator.answer_produce({abortable});
  desk.send(0);
  desk.send(0);
  const Answer answer = desk.client->commit(slice);
  CHECK(answer.kind == Kind::abort);
  CHECK(answer.code == abortable);
  const std::vector<std::byte> value(10);
  CHECK(desk.client->send({.index = 9, .partition = 0, .value = value}) != 0);
  REQUIRE(desk.told.size() == 4);
  CHECK(desk.told[2].error == abortable);
  CHECK(desk.told[2].earlier_attempt_ambiguous == false);
  CHECK(desk.told[3].never_transmitted);
  CHECK(coordinator.endings().empty());
  REQUIRE(desk.client->abort(slice).done());
  CHECK_FALSE(coordinator.endings().back().commit);
  desk.begin_next();
  CHECK(desk.client->commit(slice).done());
}

TEST_CASE("wire transactions: who has lost his epoch is dead, wherever it is told", "[light]") {
  Coordinator coordinator;
  Desk desk(coordinator);
  desk.begin();
  Answer answer;
  SECTION("by the coordinator") {
    coordinator.answer_end({old_epoch});
    answer = desk.client->commit(slice);
    CHECK(coordinator.endings().size() == 1);
  }
  SECTION("by a leader") {
    coordinator.answer_produce({old_epoch});
    answer = desk.client->commit(slice);
    CHECK(coordinator.endings().empty());
  }
  CHECK(answer.kind == Kind::dead);
  CHECK(answer.fenced());
  CHECK(desk.client->abort(slice).kind == Kind::dead);
  CHECK(desk.client->begin().kind == Kind::dead);
}

TEST_CASE("wire transactions: what nobody wrote for needs no end", "[light]") {
  Coordinator coordinator;
  Desk desk(coordinator);
  REQUIRE(desk.client->init(slice).done());
  REQUIRE(desk.client->begin().done());
  CHECK(desk.client->abort(slice).done());
  REQUIRE(desk.client->begin().done());
  CHECK(desk.client->commit(slice).done());
  CHECK(coordinator.endings().empty());
}

TEST_CASE("wire transactions: messages expire, and nothing waits for longer than it may",
          "[light]") {
  Coordinator coordinator;
  Desk desk(coordinator, {{"message.timeout.ms", "500"}});
  coordinator.answer_init({concurrent, silent});
  const Instant begun = now();
  CHECK(desk.client->init(milliseconds(250)).kind == Kind::again);
  CHECK(now() - begun < seconds(3));
  REQUIRE(desk.client->init(seconds(5)).done());
  desk.begin_next();
  coordinator.answer_produce(std::deque<std::int16_t>(100, moved_leader));
  const Answer answer = desk.client->commit(seconds(5));
  CHECK(answer.kind == Kind::abort);
  CHECK(answer.code == error_expired);
  REQUIRE(desk.told.size() == 2);
  for (const auto& delivery : desk.told) {
    CHECK(delivery.status == ledger::Persistence::possibly_persisted);  // leaders moved meanwhile
    CHECK(delivery.earlier_attempt_ambiguous == true);
  }
  CHECK(now() - begun < seconds(15));
}

TEST_CASE("wire transactions: a client that goes leaves nothing out, and ends nothing", "[light]") {
  Coordinator coordinator;
  Desk desk(coordinator, {{"batch.num.messages", "1"}});
  desk.begin();
  coordinator.answer_produce({silent});
  CHECK_FALSE(desk.client->flush(milliseconds(50)));
  desk.send(0);
  desk.client.reset();
  REQUIRE(desk.told.size() == 3);
  int unsent = 0;
  for (const auto& delivery : desk.told) {
    const bool never = delivery.never_transmitted;
    unsent += never ? 1 : 0;
    CHECK(delivery.error == (never ? error_never_left : error_abandoned));
    CHECK(delivery.earlier_attempt_ambiguous == !never);
  }
  CHECK(unsent == 1);
  CHECK(coordinator.endings().empty());
}

TEST_CASE("wire transactions: a cluster without the second version is refused by name", "[light]") {
  const auto refusal = [](std::int16_t level, std::int16_t end_version) -> std::string {
    Coordinator coordinator(level, end_version);
    Desk desk(coordinator);
    try {
      static_cast<void>(desk.client->init(slice));
    } catch (const InfrastructureError& error) {
      return error.what();
    }
    return "taken";
  };
  CHECK(refusal(2, 5) == "taken");
  CHECK(refusal(1, 5).find("transaction.version is 1\n`engine: wire` speaks") != std::string::npos);
  const std::string old = refusal(2, 4);
  CHECK(old.find("no version of EndTxn that the harness speaks\n") != std::string::npos);
  CHECK(old.find("Kafka 4.0 or newer with transaction.version 2") != std::string::npos);
}
