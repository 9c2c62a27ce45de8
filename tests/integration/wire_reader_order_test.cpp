// The wire reader against brokers that answer as they are told: several requests in flight at a
// time, of which one is late, refused, cut off or the last. Every record is handed over once and in
// order whatever becomes of the others.
#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "integration/scripted_broker.hpp"
#include "kafka/log_reader.hpp"
#include "kafka/wire/batch_writer.hpp"
#include "kafka/wire/bytes.hpp"
#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::kafka;
using seatrial::test::Fetched;
using seatrial::test::FetchReply;
using seatrial::test::ScriptedBroker;

namespace {

constexpr std::int16_t not_available = 5, moved_away = 6, unsupported_codec = 76;
constexpr int per_batch = 300;  // more than are handed over at once
constexpr std::int64_t log_end = 5 * per_batch;

wire::Bytes batch_at(std::int64_t offset, std::int32_t leader_epoch = 1) {
  wire::Bytes bytes(wire::batch_header_bytes + per_batch * 20);
  std::byte* at = bytes.data() + wire::batch_header_bytes;
  for (int i = 0; i < per_batch; ++i)
    std::ranges::fill(wire::put_record(at, i, {}, 8), std::byte{});
  bytes.resize(static_cast<std::size_t>(at - bytes.data()));
  wire::seal_batch(bytes, {.records = per_batch});
  wire::store_big_endian(bytes.data(), offset);
  wire::store_big_endian(bytes.data() + 12, leader_epoch);
  return bytes;
}

// The next batch of a log that is the same in every partition.
FetchReply next_batch(const Fetched& asked, std::int32_t leader_epoch = 1) {
  FetchReply out{.log_end = log_end};
  const std::int64_t base = asked.offset / per_batch * per_batch;
  if (asked.offset < log_end) out.records = batch_at(base, leader_epoch);
  return out;
}

struct Read {
  LogReading reading;
  std::map<std::int32_t, std::vector<std::int64_t>> offsets;  // by partition
  std::vector<std::int32_t> order;                            // of partitions, as they came
};

Read read(const ScriptedBroker& broker, int partitions, std::int64_t to = log_end,
          const std::stop_token& stop = {}, nanoseconds budget = seconds(30)) {
  Read out;
  std::mutex one_at_a_time;
  std::vector<ReadSpan> spans;
  for (int p = 0; p < partitions; ++p) spans.push_back({{"orders", p}, 0, to});
  const auto keep = [&](const TopicPartition& where, const LogBatch&,
                        std::span<const LogRecord> records) {
    const std::lock_guard lock(one_at_a_time);
    out.order.push_back(where.partition);
    for (const LogRecord& record : records) out.offsets[where.partition].push_back(record.offset);
  };
  out.reading = read_log(Reader::wire, broker.address(), spans, keep, now() + budget, stop);
  return out;
}

// The same with a broker of its own, whose script has ended when this returns.
Read read(ScriptedBroker::FetchScript script, int partitions, std::int64_t to = log_end) {
  const ScriptedBroker broker(1, partitions, std::move(script));
  return read(broker, partitions, to);
}

// Each record once, in order, and each partition complete.
void check_whole(const Read& read, int partitions, std::int64_t to = log_end) {
  CHECK(read.reading.refusal.empty());
  std::vector<std::int64_t> all(static_cast<std::size_t>(to));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int64_t>(i);
  for (int p = 0; p < partitions; ++p) {
    const ReadOutcome& outcome = read.reading.outcomes.at(static_cast<std::size_t>(p));
    INFO("partition " << p << ": " << outcome.reason);
    CHECK(outcome.complete);
    CHECK(outcome.messages == static_cast<std::uint64_t>(to));
    CHECK((read.offsets.at(p) == all));
  }
}

}  // namespace

TEST_CASE("wire reader: a late answer holds up its own connection only", "[light]") {
  bool late = true;
  const auto script = [&](const Fetched& asked) {
    FetchReply reply = next_batch(asked);
    if (asked.partition == 0 && std::exchange(late, false)) reply.after = milliseconds(400);
    return reply;
  };
  const Read result = read(script, 2);
  check_whole(result, 2);
  const auto first = std::ranges::find(result.order, 0);
  CHECK(std::ranges::find(first, result.order.end(), 1) == result.order.end());
}

TEST_CASE("wire reader: answers of one connection come in turn, each to its own partition",
          "[light]") {
  std::set<int> connections;
  int answered = 0;
  const auto script = [&](const Fetched& asked) {
    connections.insert(asked.connection);
    FetchReply reply = next_batch(asked);
    if (++answered % 4 == 0) reply.after = milliseconds(15);
    return reply;
  };
  check_whole(read(script, 6), 6);
  CHECK(connections.size() == 2);  // beside those that ask for metadata
}

TEST_CASE("wire reader: an error in the first of two flights is asked again alone", "[light]") {
  std::vector<Fetched> seen;
  bool refused = false;
  const auto script = [&](const Fetched& asked) {
    seen.push_back(asked);
    FetchReply reply = next_batch(asked);
    if (asked.partition == 0 && asked.offset == per_batch && !std::exchange(refused, true)) {
      reply = {.error = not_available, .log_end = log_end};
    }
    return reply;
  };
  const Read result = read(script, 4);
  check_whole(result, 4);
  CHECK_FALSE(result.reading.outcomes.at(0).leader_changed);
  const auto asked_for = [&](std::int32_t partition, std::int64_t offset) {
    return std::ranges::count_if(seen, [&](const Fetched& asked) {
      return asked.partition == partition && asked.offset == offset;
    });
  };
  CHECK(asked_for(0, per_batch) == 2);
  CHECK(asked_for(1, per_batch) == 1);
  CHECK(asked_for(2, per_batch) == 1);
}

TEST_CASE("wire reader: what is cut off with a connection is asked again", "[light]") {
  int cut = 0;
  const auto script = [&](const Fetched& asked) {
    FetchReply reply = next_batch(asked);
    reply.disconnect = asked.offset == 2 * per_batch && cut++ < 2;
    return reply;
  };
  check_whole(read(script, 4), 4);
  CHECK(cut >= 2);
}

TEST_CASE("wire reader: a partition ends while another one is in flight", "[light]") {
  // In the middle of a batch, and nothing is asked for behind it.
  constexpr std::int64_t to = 2 * per_batch + 10;
  std::int64_t highest = 0;
  const auto script = [&](const Fetched& asked) {
    highest = std::max(highest, asked.offset);
    FetchReply reply = next_batch(asked);
    if (asked.partition == 1) reply.after = milliseconds(40);
    return reply;
  };
  check_whole(read(script, 3, to), 3, to);
  CHECK(highest == 2 * per_batch);
}

TEST_CASE("wire reader: follows a leader that moves while others are in flight", "[light]") {
  ScriptedBroker after(2, 4, [&](const Fetched& asked) { return next_batch(asked, 2); });
  ScriptedBroker* first = nullptr;
  std::atomic<bool> moved{false};
  ScriptedBroker before(1, 4, [&](const Fetched& asked) {
    if (asked.offset == 2 * per_batch && !moved) {
      first->lead_elsewhere(2, after.port(), 2);
      moved = true;
    }
    if (moved) return FetchReply{.error = moved_away, .log_end = log_end};
    return next_batch(asked);
  });
  first = &before;
  after.lead_elsewhere(2, after.port(), 2);
  const Read result = read(before, 4);
  check_whole(result, 4);
  CHECK(std::ranges::any_of(result.reading.outcomes, &ReadOutcome::leader_changed));
}

TEST_CASE("wire reader: a refusal ends all of the reading, and what is thrown comes out",
          "[light]") {
  ScriptedBroker broker(1, 4, [&](const Fetched& asked) {
    FetchReply reply = next_batch(asked);
    if (asked.partition == 3) reply.error = unsupported_codec;
    else if (asked.offset > 0) reply.after = seconds(20);
    return reply;
  });
  const Instant begun = now();
  const Read refused = read(broker, 4);
  CHECK(refused.reading.refusal.starts_with("orders/3: Fetch: "));
  CHECK(refused.reading.outcomes.size() == 4);

  ScriptedBroker other(1, 4, [&](const Fetched& asked) { return next_batch(asked); });
  for (std::int32_t thrower = 0; thrower < 4; ++thrower) {
    const auto fail = [&](const TopicPartition& where, const LogBatch&,
                          std::span<const LogRecord>) {
      if (where.partition == thrower) throw std::runtime_error("as told");
    };
    const std::vector<ReadSpan> spans{{{"orders", 0}, 0, log_end},
                                      {{"orders", 1}, 0, log_end},
                                      {{"orders", 2}, 0, log_end},
                                      {{"orders", 3}, 0, log_end}};
    CHECK_THROWS_WITH(static_cast<void>(read_log(Reader::wire, other.address(), spans, fail,
                                                 now() + seconds(30), {})),
                      "as told");
  }
  CHECK(now() - begun < seconds(15));
}

TEST_CASE("wire reader: outcomes come in the order of the spans, whatever their lengths",
          "[light]") {
  ScriptedBroker broker(1, 5, [&](const Fetched& asked) { return next_batch(asked); });
  std::vector<ReadSpan> spans{{{"orders", 4}, 10, 20},
                              {{"orders", 1}, 0, log_end},
                              {{"orders", 0}, 5, 5},
                              {{"orders", 3}, 100, 900},
                              {{"orders", 2}, 0, 1}};
  const auto ignore = [](const TopicPartition&, const LogBatch&, std::span<const LogRecord>) {};
  const auto reading =
      read_log(Reader::wire, broker.address(), spans, ignore, now() + seconds(30), {});
  REQUIRE(reading.outcomes.size() == spans.size());
  for (std::size_t i = 0; i < spans.size(); ++i) {
    CHECK(reading.outcomes[i].where == spans[i].where);
    CHECK(reading.outcomes[i].complete);
    CHECK(reading.outcomes[i].messages == static_cast<std::uint64_t>(spans[i].to - spans[i].from));
  }
  CHECK(read_log(Reader::wire, broker.address(), {}, ignore, now() + seconds(30), {})
            .outcomes.empty());
}

TEST_CASE("wire reader: ends at once on request, with answers in flight", "[light]") {
  std::stop_source stop;
  ScriptedBroker broker(1, 4, [&](const Fetched& asked) {
    if (asked.offset >= per_batch) stop.request_stop();
    FetchReply reply = next_batch(asked);
    if (asked.partition > 1) reply.after = seconds(20);
    return reply;
  });
  const Instant begun = now();
  const Read result = read(broker, 4, log_end, stop.get_token());
  CHECK(now() - begun < seconds(10));
  for (const ReadOutcome& outcome : result.reading.outcomes) {
    CHECK_FALSE(outcome.complete);
    CHECK(outcome.reason.starts_with("reading was interrupted"));
  }
}
