// The wire producer against brokers that answer as they are told: how each batch ends, what is sent
// again and what never is, and in which sequence.
#include "kafka/wire/producer.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <set>

#include "core/check.hpp"
#include "core/time.hpp"
#include "integration/scripted_broker.hpp"
#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::kafka::wire;
using seatrial::test::Produced;
using seatrial::test::Reply;
using seatrial::test::ScriptedBroker;

namespace {

constexpr std::int16_t not_leader = 6, timed_out = 7, too_large = 10, not_enough_replicas = 19;
constexpr std::int16_t out_of_order = 45, duplicate = 46;

struct Rig {
  Rig(const ScriptedBroker& broker, bool idempotent, std::int16_t acks = -1)
      : producer({.bootstrap = broker.address(),
                  .topic = "orders",
                  .partitions = 2,
                  .produce = {.acks = acks, .timeout_ms = 1000},
                  .max_in_flight = 5,
                  .answer_ns = 300'000'000,
                  .idempotent = idempotent}) {}

  bool until(const std::function<bool()>& holds) {
    const Instant deadline = now() + seconds(30);
    while (!holds() && now() < deadline) {
      producer.work(to_ns(now()) + 10'000'000);
      for (const Ended& end : producer.ended()) ends.push_back(end);
      producer.clear_ended();
    }
    return holds();
  }
  void connect() {
    REQUIRE(until([&] { return producer.connected(); }));
  }

  // Sends a batch of so many messages as soon as it is taken.
  ProduceBatch& send(std::int32_t partition, int messages = 2,
                     std::int64_t expires_ns = INT64_MAX) {
    REQUIRE(until([&] { return producer.takes(partition, to_ns(now())); }));
    return submit(partition, messages, expires_ns);
  }
  ProduceBatch& submit(std::int32_t partition, int messages = 2,
                       std::int64_t expires_ns = INT64_MAX) {
    ProduceBatch& batch = batches.emplace_back();
    batch.bytes = producer.head();
    batch.bytes.resize(batch.bytes.size() + 1000);
    std::byte* const begin = batch.bytes.data() + producer.head().size();
    std::byte* at = begin + batch_header_bytes;
    for (int i = 0; i < messages; ++i) {
      for (auto& b : put_record(at, i, {}, 10)) b = std::byte{'x'};
    }
    batch.used = producer.head().size() + static_cast<std::size_t>(at - begin);
    batch.partition = partition;
    batch.seal.records = messages;
    batch.expires_ns = expires_ns;
    producer.submit(batch, to_ns(now()));
    return batch;
  }
  // How it ended; waits for it.
  Ended end_of(const ProduceBatch& batch) {
    const auto found = [&] {
      return std::ranges::find(ends, &batch, [](const Ended& end) { return end.batch; });
    };
    REQUIRE(until([&] { return found() != ends.end(); }));
    return *found();
  }

  Producer producer;
  std::deque<ProduceBatch> batches;
  std::vector<Ended> ends;
};

Reply ok(std::int64_t offset) { return {.error = 0, .offset = offset}; }

}  // namespace

TEST_CASE("wire producer: acks are answers, and with acks=0 leaving is all there is", "[light]") {
  ScriptedBroker broker(1, 2, [](const Produced& p) { return ok(100 + p.partition); });
  Rig rig(broker, false);
  rig.connect();
  CHECK(rig.end_of(rig.send(1)).offset == 101);
  CHECK(rig.end_of(rig.send(0)).offset == 100);
  CHECK(rig.ends[0].answered);
  CHECK(rig.ends[0].error == 0);
  const auto seen = broker.produced();
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].acks == -1);
  CHECK(seen[0].records == 2);
  CHECK(seen[0].header.producer_id == -1);
  CHECK(seen[0].header.base_sequence == -1);

  Rig careless(broker, false, 0);
  careless.connect();
  const Ended end = careless.end_of(careless.send(0));
  CHECK(end.error == 0);
  CHECK_FALSE(end.answered);
  CHECK(careless.until([&] { return broker.produced().size() == 3; }));
  CHECK(broker.produced()[2].acks == 0);
}

TEST_CASE("wire producer: without an id nothing is ever sent twice", "[light]") {
  std::atomic<int> asked{0};
  ScriptedBroker broker(1, 2, [&](const Produced&) -> Reply {
    switch (asked++) {
      case 0: return {.error = not_leader};
      case 1: return {.error = timed_out};
      case 2: return {.disconnect = true};
      case 3: return {.silent = true};
      default: return ok(7);
    }
  });
  Rig rig(broker, false);
  rig.connect();
  CHECK(rig.end_of(rig.send(0)).error == not_leader);
  CHECK(rig.ends.back().answered);
  CHECK(rig.end_of(rig.send(0)).error == timed_out);
  ProduceBatch& cut = rig.send(0);
  CHECK(rig.end_of(cut).error == error_transport);
  CHECK_FALSE(rig.end_of(cut).answered);
  CHECK(cut.ambiguous);  // it had left whole
  ProduceBatch& silent = rig.send(0);
  CHECK(rig.end_of(silent).error == error_timed_out);
  CHECK(silent.ambiguous);
  CHECK(rig.end_of(rig.send(0)).offset == 7);
  CHECK(broker.produced().size() == 5);  // each once
}

TEST_CASE("wire producer: with an id the same bytes are sent until they are acked, in sequence",
          "[light]") {
  std::atomic<int> asked{0};
  ScriptedBroker broker(1, 2, [&](const Produced& p) -> Reply {
    switch (asked++) {
      case 0: return {.error = timed_out};
      case 1: return {.error = out_of_order};  // as a broker would, behind the first
      case 2: return {.disconnect = true};
      case 3: return {.error = not_enough_replicas};
      default: return ok(p.header.base_sequence);
    }
  });
  Rig rig(broker, true);
  rig.connect();
  ProduceBatch& first = rig.send(0, 3);
  ProduceBatch& second = rig.submit(0, 2);
  CHECK(rig.end_of(first).offset == 0);
  CHECK(rig.end_of(second).offset == 3);
  CHECK(first.ambiguous);
  const auto seen = broker.produced();
  std::map<std::int32_t, std::set<Bytes>> by_sequence;
  for (const auto& request : seen) {
    CHECK(request.header.producer_id == 1000);
    by_sequence[request.header.base_sequence].insert(request.batch);
  }
  REQUIRE(by_sequence.size() == 2);
  CHECK(by_sequence[0].size() == 1);  // the same bytes each time
  CHECK(by_sequence[3].size() == 1);
  CHECK(seen.size() >= 5);
  CHECK(broker.ids_given() == 1);
}

TEST_CASE("wire producer: a duplicate is an ack without an offset", "[light]") {
  ScriptedBroker broker(1, 2, [](const Produced&) -> Reply { return {.error = duplicate}; });
  Rig rig(broker, true);
  rig.connect();
  const Ended end = rig.end_of(rig.send(0));
  CHECK(end.error == 0);
  CHECK(end.offset == -1);
}

TEST_CASE("wire producer: after a batch that failed its partition goes on under a new id",
          "[light]") {
  std::atomic<int> asked{0};
  ScriptedBroker broker(1, 2, [&](const Produced&) -> Reply {
    return asked++ == 0 ? Reply{.error = too_large} : ok(1);
  });
  Rig rig(broker, true);
  rig.connect();
  CHECK(rig.end_of(rig.send(0)).error == too_large);
  CHECK(rig.end_of(rig.send(1)).error == 0);
  CHECK(rig.end_of(rig.send(0)).error == 0);
  const auto seen = broker.produced();
  REQUIRE(seen.size() == 3);
  CHECK(seen[1].header.producer_id == 1000);  // the other partition keeps its own
  CHECK(seen[2].header.producer_id == 1001);
  CHECK(seen[2].header.base_sequence == 0);
}

TEST_CASE("wire producer: a batch that expires ends, and is unknown only if it had left",
          "[light]") {
  ScriptedBroker broker(1, 2, [](const Produced&) -> Reply {
    return {.error = not_enough_replicas};  // certain, so nothing was ever appended
  });
  Rig rig(broker, true);
  rig.connect();
  ProduceBatch& refused = rig.send(0, 2, to_ns(now()) + 250'000'000);
  CHECK(rig.end_of(refused).error == error_expired);
  CHECK_FALSE(refused.ambiguous);
  CHECK(broker.produced().size() >= 2);

  ScriptedBroker mute(1, 2, [](const Produced&) -> Reply { return {.silent = true}; });
  Rig waiting(mute, true);
  waiting.connect();
  ProduceBatch& left = waiting.send(0, 2, to_ns(now()) + 100'000'000);
  CHECK(waiting.end_of(left).error == error_expired);
  CHECK(left.ambiguous);
}

TEST_CASE("wire producer: a new leader is followed, and gets what the old one did not ack",
          "[light]") {
  ScriptedBroker second(2, 2, [](const Produced& p) { return ok(p.header.base_sequence); });
  ScriptedBroker first(1, 2, [](const Produced&) -> Reply { return {.error = not_leader}; });
  Rig rig(first, true);
  rig.connect();
  ProduceBatch& batch = rig.send(0, 4);
  REQUIRE(rig.until([&] { return !first.produced().empty(); }));
  first.lead_elsewhere(2, second.port(), 2);
  CHECK(rig.end_of(batch).offset == 0);
  REQUIRE(second.produced().size() == 1);
  CHECK(second.produced()[0].batch == first.produced()[0].batch);
  CHECK(rig.end_of(rig.send(0)).offset == 4);
  // Who is behind the times tells of an older epoch, and is not believed.
  first.lead_elsewhere(1, first.port(), 1);
  CHECK(rig.end_of(rig.send(1)).error == 0);
  CHECK(second.produced().size() == 3);
}

TEST_CASE("wire producer: a leader that hangs is left once there is another", "[light]") {
  ScriptedBroker second(2, 2, [](const Produced&) { return ok(5); });
  ScriptedBroker first(1, 2, [](const Produced&) -> Reply { return {.silent = true}; });
  Rig rig(first, true);
  rig.connect();
  ProduceBatch& batch = rig.send(0);
  first.lead_elsewhere(2, second.port(), 2);
  CHECK(rig.end_of(batch).offset == 5);
}

TEST_CASE("wire producer: requests in flight are bounded, and what is left at the end is told",
          "[light]") {
  ScriptedBroker broker(1, 2, [](const Produced&) -> Reply { return {.silent = true}; });
  Rig rig(broker, false);
  rig.connect();
  for (int i = 0; i < 5; ++i) {
    REQUIRE(rig.producer.takes(i % 2, to_ns(now())));
    rig.submit(i % 2);
  }
  CHECK_FALSE(rig.producer.takes(0, to_ns(now())));
  CHECK_FALSE(rig.producer.takes(1, to_ns(now())));
  CHECK(rig.producer.open_batches() == 5);
  rig.producer.abandon();
  CHECK(rig.producer.open_batches() == 0);
  REQUIRE(rig.producer.ended().size() == 5);
  for (const Ended& end : rig.producer.ended()) CHECK(end.error == error_abandoned);
}
