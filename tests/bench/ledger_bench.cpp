// What the ledger costs in the producing path, and the audit per message read.
// Run with `seatrial bench`; figures hold for the machine they were taken on.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include "core/crc32c.hpp"
#include "core/interval_set.hpp"
#include "ledger/audit.hpp"
#include "ledger/identity.hpp"
#include "ledger/ledger.hpp"

namespace {

using namespace seatrial;
using namespace seatrial::ledger;

const TopicPartition orders{"orders", 0};

// A window of messages is opened, then settled in order, as batches are.
void open_and_settle(benchmark::State& state) {
  const auto window = static_cast<std::size_t>(state.range(0));
  Ledger ledger({{LaneId{0}, "produce", "orders", 6, 1 << 17}});
  LaneLedger lane = ledger.lane(0);
  std::vector<SlotIndex> slots(window);
  std::int64_t offset = 0;
  std::uint32_t stream = 0;
  for (auto _ : state) {
    for (auto& slot : slots) slot = lane.open(stream, offset);
    for (const auto slot : slots) lane.settle(slot, Outcome::acked, offset++);
    stream = (stream + 1) % 6;
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(open_and_settle)->Arg(1)->Arg(1000)->Arg(50'000);

// Every thousandth message has no outcome, and two batches grow at a time.
void settle_with_gaps(benchmark::State& state) {
  constexpr std::size_t window = 1000;
  Ledger ledger({{LaneId{0}, "produce", "orders", 1, 1 << 17}});
  LaneLedger lane = ledger.lane(0);
  std::vector<SlotIndex> slots(window);
  std::int64_t offset = 0;
  for (auto _ : state) {
    for (auto& slot : slots) slot = lane.open(0, offset);
    lane.settle(slots[0], Outcome::unknown, -1);
    for (std::size_t i = 1; i < window / 2; ++i) {
      lane.settle(slots[window / 2 + i], Outcome::acked, offset++);
      lane.settle(slots[i], Outcome::acked, offset++);
    }
    lane.settle(slots[window / 2], Outcome::acked, offset++);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(window));
  const auto streams = ledger.snapshot();
  state.counters["intervals"] = static_cast<double>(streams[0].acked.intervals().size());
  state.counters["dropped"] = static_cast<double>(streams[0].outcomes_dropped);
}
BENCHMARK(settle_with_gaps);

// 10^9 outcomes over six streams with 1,000 gaps, as large batches settle them, once: memory grows
// with gaps, not with messages.
void a_billion_outcomes(benchmark::State& state) {
  constexpr std::int64_t messages = 1'000'000'000;
  constexpr std::int64_t gaps = 1000;
  constexpr std::size_t window = 1000;
  for (auto _ : state) {
    Ledger ledger({{LaneId{0}, "produce", "orders", 6, 1 << 17}});
    LaneLedger lane = ledger.lane(0);
    const std::uint64_t before = ledger.resident_bytes();
    std::vector<SlotIndex> slots(window);
    std::vector<std::int64_t> offsets(6);
    std::uint32_t stream = 0;
    for (std::int64_t done = 0; done < messages; done += window) {
      for (auto& slot : slots) slot = lane.open(stream, done);
      const bool gap = done % (messages / gaps) == 0;
      for (std::size_t i = 0; i < window; ++i) {
        const bool lost = gap && i == window / 2;
        lane.settle(slots[i], lost ? Outcome::unknown : Outcome::acked, offsets[stream]);
        if (!lost) ++offsets[stream];
      }
      stream = (stream + 1) % 6;
    }
    std::uint64_t acked = 0;
    for (const auto& history : ledger.snapshot()) acked += history.acked.count();
    if (acked != static_cast<std::uint64_t>(messages - gaps)) state.SkipWithError("lost count");
    const auto grown = static_cast<double>(ledger.resident_bytes() - before);
    state.counters["MiB"] = grown / (1 << 20);
    state.counters["bytes_per_million"] = grown / (messages / 1'000'000);
  }
  state.SetItemsProcessed(state.iterations() * messages);
}
BENCHMARK(a_billion_outcomes)->Iterations(1)->Unit(benchmark::kSecond);

void audit_observe(benchmark::State& state) {
  constexpr std::uint32_t tag = 1;
  constexpr std::size_t pool = 1000;
  const auto size = static_cast<std::size_t>(state.range(0));
  std::vector<std::byte> values(pool * size, std::byte{7});
  std::uint64_t seq = 0;
  std::int64_t offset = 0;
  std::vector<LogRecord> records;
  StreamHistory reported;
  reported.where = orders;
  reported.opened = max_seq;
  Audit audit(tag, {reported});
  audit.expect(orders, 0, INT64_MAX);
  for (auto _ : state) {
    state.PauseTiming();
    for (std::size_t i = 0; i < pool; ++i) {
      stamp(std::span(values).subspan(i * size, size), {tag, StreamId{0}, Seq{seq++}, 0});
    }
    state.ResumeTiming();
    records.clear();
    for (std::size_t i = 0; i < pool; ++i) {
      records.push_back(
          {.offset = offset++, .key = {}, .value = std::span(values).subspan(i * size, size)});
    }
    audit.observe(orders, {}, records);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(pool));
}
BENCHMARK(audit_observe)->Arg(100)->Arg(1024);

void identity_stamp(benchmark::State& state) {
  std::vector<std::byte> value(static_cast<std::size_t>(state.range(0)));
  std::uint64_t seq = 0;
  for (auto _ : state) {
    stamp(value, {1, StreamId{2}, Seq{seq++}, 3});
    benchmark::DoNotOptimize(value.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(identity_stamp)->Arg(100)->Arg(1024);

template <auto Crc>
void checksum(benchmark::State& state) {
  const std::vector<std::byte> data(static_cast<std::size_t>(state.range(0)), std::byte{7});
  for (auto _ : state) benchmark::DoNotOptimize(Crc(data, 0));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(checksum<crc32c>)->Name("crc32c")->Arg(100)->Arg(1024)->Arg(1 << 20);
BENCHMARK(checksum<crc32c_portable>)->Name("crc32c_portable")->Arg(100)->Arg(1024);

void interval_set_append(benchmark::State& state) {
  IntervalSet set;
  std::uint64_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(set.insert(next++));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(interval_set_append);

// Fills the newest of many gaps, as a retry does.
void interval_set_late(benchmark::State& state) {
  IntervalSet set;
  for (std::int64_t i = 0; i < state.range(0); ++i) set.insert(static_cast<std::uint64_t>(i) * 2);
  std::uint64_t next = static_cast<std::uint64_t>(state.range(0)) * 2 + 100;
  for (auto _ : state) {
    set.insert(next + 1);
    benchmark::DoNotOptimize(set.insert(next));
    next += 2;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(interval_set_late)->Arg(1000)->Arg(100'000);

}  // namespace
