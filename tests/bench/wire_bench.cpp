// What looking at fetched batches costs per message: the checksum, and the scan of the records. Run
// with `seatrial bench --benchmark_filter=batch`; no broker needed.
#include <benchmark/benchmark.h>

#include <cstdint>

#include "kafka/wire/bytes.hpp"
#include "kafka/wire/record_batch.hpp"

namespace {

using namespace seatrial;
using namespace seatrial::kafka::wire;

constexpr std::int64_t count = 8000;  // messages a batch

void zigzag(Writer& out, std::int64_t value) { out.varint(static_cast<std::uint64_t>(value) * 2); }

// Messages of 100 bytes without key, as a producer writes them.
Bytes records() {
  const Bytes value(100, std::byte{'x'});
  Writer out;
  for (std::int64_t i = 0; i < count; ++i) {
    Writer body;
    body.int8(0);
    zigzag(body, i / 100);
    zigzag(body, i);
    body.varint(1);  // no key
    zigzag(body, 100);
    body.append(value);
    zigzag(body, 0);
    zigzag(out, static_cast<std::int64_t>(body.bytes().size()));
    out.append(body.bytes());
  }
  return out.take();
}

Batch batch_of(BytesView bytes) {
  Batch batch;
  batch.header.last_offset = count - 1;
  batch.record_count = count;
  batch.records = batch.under_crc = bytes;
  return batch;
}

void batch_crc(benchmark::State& state) {
  const Bytes bytes = records();
  const Batch batch = batch_of(bytes);
  for (auto _ : state) benchmark::DoNotOptimize(crc_holds(batch));
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(batch_crc);

void batch_scan(benchmark::State& state) {
  const Bytes bytes = records();
  const Batch batch = batch_of(bytes);
  std::size_t total = 0;
  for (auto _ : state) {
    RecordScan scan(batch, batch.records);
    for (LogRecord record; scan.next(record);) total += record.value.size();
    if (!scan.sound()) state.SkipWithError("the records are malformed");
  }
  benchmark::DoNotOptimize(total);
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(batch_scan);

}  // namespace
