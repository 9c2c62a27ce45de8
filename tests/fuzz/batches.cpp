// Record batches as a broker's log holds them: scanning ends, offsets rise within each batch, and
// the next fetch begins where the last whole batch ends. What a codec unpacks stays below the
// limit; what lz4 and zstd have packed here unpacks to the same bytes.
#include <algorithm>
#include <optional>
#include <vector>

#include "fuzz/properties.hpp"
#include "kafka/wire/codec.hpp"
#include "kafka/wire/isolation.hpp"
#include "kafka/wire/record_batch.hpp"

using namespace seatrial;
using namespace seatrial::kafka::wire;

namespace {

constexpr std::size_t limit = 1U << 20U;

void scan_records(const Batch& batch, BytesView bytes, Isolation& isolation) {
  RecordScan records(batch, bytes);
  std::int64_t last = batch.header.base_offset - 1;
  std::size_t seen = 0;
  for (LogRecord record; records.next(record);) {
    check(record.offset > last && record.offset <= batch.header.last_offset, "offsets rise");
    last = record.offset;
    seen += 1 + record.key.size() + record.value.size();
    if (batch.header.control) isolation.ended(batch.header, marker_of(record));
  }
  check(seen <= bytes.size(), "a record's parts lie within its batch");
  if (!batch.header.control) static_cast<void>(isolation.committed(batch.header));
}

void round_trip(Codec codec, BytesView bytes, Decompressor& decompress) {
  Compressor compress(codec);
  std::vector<std::byte> packed(compress.bound(bytes.size()));
  const std::size_t size = compress(bytes, packed);
  const auto again = decompress(codec, BytesView(packed).first(size));
  check(again && std::ranges::equal(*again, bytes), "what was packed unpacks to itself");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Decompressor decompress(limit);
  const auto bytes = fuzz::bytes_of(data, size);
  Isolation isolation;
  BatchScan batches(bytes);
  std::optional<std::int64_t> next;
  for (Batch batch; batches.next(batch);) {
    static_cast<void>(crc_holds(batch));
    next = batch.header.last_offset + 1;
    const auto records = decompress(batch.codec, batch.records);
    if (!records) {
      fuzz::require_printable(records.error().message);
      continue;
    }
    check(batch.codec == Codec::none || records->size() <= limit, "no more than the limit");
    scan_records(batch, *records, isolation);
  }
  isolation.at_end();
  fuzz::require_printable(isolation.trouble());
  fuzz::require_printable(batches.trouble());
  if (batches.trouble().empty()) check(offset_after(bytes) == next, "the next fetch begins there");
  for (const Codec codec : {Codec::lz4, Codec::zstd}) round_trip(codec, bytes, decompress);
  return 0;
}
