// The harness's partitioners against the client library's own, and the stickiness of batches.
#include "workloads/partitioner.hpp"

#include <librdkafka/rdkafka.h>

#include <set>

#include "core/check.hpp"
#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::workloads;

namespace {

std::span<const std::byte> key_bytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

// What librdkafka picks; it looks at no topic for a message with a key.
template <class Function>
std::int32_t library(Function function, const std::string& key, std::int32_t partitions) {
  return function(nullptr, key.data(), key.size(), partitions, nullptr, nullptr);
}

}  // namespace

TEST_CASE("keys go where the client library sends them") {
  RandomEngine random(1);
  for (std::size_t length = 1; length <= 40; ++length) {
    for (int round = 0; round < 50; ++round) {
      std::string key(length, '\0');
      for (char& c : key) c = static_cast<char>(random());
      for (std::int32_t partitions : {1, 2, 6, 7, 100}) {
        INFO("length " << length << ", partitions " << partitions);
        CHECK(murmur2_partition(key_bytes(key), partitions) ==
              library(rd_kafka_msg_partitioner_murmur2, key, partitions));
        CHECK(crc32_partition(key_bytes(key), partitions) ==
              library(rd_kafka_msg_partitioner_consistent, key, partitions));
      }
    }
  }
}

TEST_CASE("hashes that are known by heart") {
  // Kafka's own tests of its clients pin these.
  constexpr std::int32_t large = 0x7fffffff;
  CHECK(murmur2_partition(key_bytes("21"), large) == ((-973932308) & large));
  CHECK(murmur2_partition(key_bytes("foobar"), large) == ((-790332482) & large));
  CHECK(crc32_partition(key_bytes("123456789"), 1'000'000'000) == 0xcbf43926 % 1'000'000'000);
}

TEST_CASE("without keys a partition is kept for a batch's worth, then left") {
  const BatchLimits limits{.bytes = 1000, .messages = 20, .linger_ns = 5'000'000};
  const auto picks = [&](std::uint64_t size, std::int64_t gap_ns) {
    Partitioner partitioner(Partitioning::sticky, 6, limits, 3);
    std::vector<int> runs;
    std::int32_t last = -1;
    for (int i = 0; i < 200; ++i) {
      const auto pick = partitioner.pick({}, size, i * gap_ns);
      CHECK((pick >= 0 && pick < 6));
      if (pick != last) runs.push_back(0);
      ++runs.back();
      last = pick;
    }
    runs.pop_back();  // may be cut short
    return std::set<int>(runs.begin(), runs.end());
  };
  CHECK(picks(100, 0) == std::set{10});         // bytes
  CHECK(picks(1, 0) == std::set{20});           // messages
  CHECK(picks(1, 1'000'000) == std::set{5});    // linger
  CHECK(picks(5000, 0) == std::set{1});         // larger than a batch
}

TEST_CASE("a run ends where its partition's linger does") {
  const BatchLimits limits{.bytes = 1000, .messages = 20, .linger_ns = 50};
  Partitioner sticky(Partitioning::sticky, 6, limits, 3);
  const auto first = sticky.next_run(1, 10, 1000);
  CHECK(first.until_ns == 1049);
  sticky.took(1, 1);
  const auto same = sticky.next_run(1, 10, 1049);
  CHECK(same.partition == first.partition);
  CHECK(same.until_ns == 1049);
  sticky.took(1, 1);
  const auto next = sticky.next_run(1, 10, 1050);
  CHECK(next.partition != first.partition);
  CHECK(next.until_ns == 1099);
}

TEST_CASE("sticky reaches every partition") {
  Partitioner partitioner(Partitioning::sticky, 6, {.bytes = 1, .messages = 1, .linger_ns = 1}, 3);
  std::set<std::int32_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(partitioner.pick({}, 100, 0));
  CHECK(seen.size() == 6);
}

TEST_CASE("keyed messages are not sticky, and round robin ignores keys") {
  const std::string key = "42";
  for (const auto kind : {Partitioning::sticky, Partitioning::murmur2}) {
    Partitioner partitioner(kind, 6, {}, 3);
    CHECK(partitioner.pick(key_bytes(key), 100, 0) == murmur2_partition(key_bytes(key), 6));
  }
  Partitioner crc(Partitioning::crc32, 6, {}, 3);
  CHECK(crc.pick(key_bytes(key), 100, 0) == crc32_partition(key_bytes(key), 6));
  Partitioner turn(Partitioning::round_robin, 3, {}, 3);
  const auto first = turn.pick(key_bytes(key), 100, 0);
  CHECK(turn.pick(key_bytes(key), 100, 0) == (first + 1) % 3);
  CHECK(turn.pick({}, 100, 0) == (first + 2) % 3);
  CHECK(turn.pick({}, 100, 0) == first);
}

TEST_CASE("one partition is always picked, none is a defect") {
  Partitioner one(Partitioning::sticky, 1, {.bytes = 1, .messages = 1, .linger_ns = 1}, 3);
  for (int i = 0; i < 10; ++i) CHECK(one.pick({}, 100, i) == 0);
  CHECK_THROWS_AS(Partitioner(Partitioning::sticky, 0, {}, 3), InvariantBroken);
}

TEST_CASE("a run of messages goes where each of them would") {
  for (const auto kind : {Partitioning::sticky, Partitioning::round_robin, Partitioning::crc32}) {
    const BatchLimits limits{.bytes = 1000, .messages = 7, .linger_ns = 50};
    Partitioner singly(kind, 6, limits, 3), by_runs(kind, 6, limits, 3);
    RandomEngine random(4);
    std::int64_t now_ns = 0;
    for (int round = 0; round < 2000; ++round) {
      now_ns += static_cast<std::int64_t>(random() % 20);
      const std::uint64_t size = round % 3 == 0 ? 400 : 100;
      const auto run = by_runs.next_run(size, 1 + random() % 10, now_ns);
      REQUIRE(run.most >= 1);
      REQUIRE(run.until_ns >= now_ns);
      const std::uint64_t taken = 1 + random() % run.most;
      by_runs.took(taken, size);
      for (std::uint64_t i = 0; i < taken; ++i) {
        REQUIRE(singly.pick({}, size, now_ns) == run.partition);
        now_ns += static_cast<std::int64_t>(random() % 3);
        now_ns = std::min(now_ns, run.until_ns);
      }
    }
  }
}
