// Record batches of format v2 as they lie in a log and in Fetch answers: BatchScan goes from batch
// to batch, RecordScan from record to record of one, both in place and without allocating.
//
//     BatchScan batches(answer.records);
//     for (Batch batch; batches.next(batch);) {
//       RecordScan records(batch, records_of_batch);   // uncompressed: codec.hpp
//       for (LogRecord record; records.next(record);) ...
//       if (!records.sound()) ...
//     }
//
// Any bytes may be given. What does not fit ends a scan and is told; a length is believed only
// after it was compared with what is there. The checksum is verified on request (crc_holds), and
// nothing but base offset, length and leader epoch, which it does not cover, may be used before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "core/log.hpp"
#include "kafka/wire/messages.hpp"

namespace seatrial::kafka::wire {

enum class Codec : std::uint8_t { none, gzip, snappy, lz4, zstd };

struct Batch {
  LogBatch header;
  Codec codec = Codec::none;
  std::int64_t base_timestamp_ms = -1;
  std::int32_t record_count = 0;
  BytesView records;  // as stored: still compressed
  std::uint32_t crc = 0;
  BytesView under_crc;
};

[[nodiscard]] bool crc_holds(const Batch& batch);

class BatchScan {
 public:
  explicit BatchScan(BytesView bytes) : rest_(bytes) {}

  // The next batch; false when no whole one is left, or at trouble. A cut-off end is none: brokers
  // cut where the size that was asked for ends.
  bool next(Batch& out);
  // What made it end too early; empty if nothing did. Formats v0 and v1 are trouble.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

 private:
  bool stop(std::string why);

  BytesView rest_;
  std::string trouble_;
};

// One past the last offset of the last whole batch: where the next fetch begins, told without
// looking at the records. Nothing if there is no whole batch, or trouble before it.
[[nodiscard]] std::optional<std::int64_t> offset_after(BytesView bytes);

class RecordScan {
 public:
  // `records`: the batch's records, uncompressed. Both must outlive the scan.
  RecordScan(const Batch& batch, BytesView records)
      : batch_(batch), at_(records.data()), end_(at_ + records.size()) {}

  // The next record, with views into the bytes; false at the end, or where they are malformed.
  bool next(LogRecord& out);
  // After the end: whether the bytes held the records that the header tells of, and nothing else.
  [[nodiscard]] bool sound() const { return sound_ && count_ == batch_.record_count; }

 private:
  bool spoilt() {
    sound_ = false;
    return false;
  }

  const Batch& batch_;
  const std::byte* at_;
  const std::byte* end_;
  std::int64_t last_delta_ = -1;
  std::int32_t count_ = 0;
  bool sound_ = true;
};

enum class Marker { abort, commit, other };

// Which transaction's end the record of a control batch is.
[[nodiscard]] Marker marker_of(const LogRecord& control);

// --- Inline, for speed
// ----------------------------------------------------------------------------

namespace detail {

// A varint of up to ten bytes that begins at `at`; the place behind it, or null if it does not end
// before `end`.
inline const std::byte* read_varint(const std::byte* at, const std::byte* end,
                                    std::uint64_t& value) {
  if (at == end) return nullptr;
  std::uint64_t byte = std::to_integer<std::uint64_t>(*at++);
  value = byte & 0x7fU;
  for (unsigned shift = 7; byte >= 0x80U; shift += 7) {
    if (at == end || shift > 63) return nullptr;
    byte = std::to_integer<std::uint64_t>(*at++);
    value |= (byte & 0x7fU) << shift;
  }
  return at;
}

// The same for zigzag: 0, -1, 1, -2 ... are 0, 1, 2, 3 ...
inline const std::byte* read_signed(const std::byte* at, const std::byte* end,
                                    std::int64_t& value) {
  std::uint64_t raw = 0;
  at = read_varint(at, end, raw);
  value = static_cast<std::int64_t>(raw >> 1U) ^ -static_cast<std::int64_t>(raw & 1U);
  return at;
}

// A length and as many bytes; length -1 gives a view without data. Null if that is cut off.
inline const std::byte* read_bytes(const std::byte* at, const std::byte* end, BytesView& view) {
  std::int64_t length = 0;
  at = read_signed(at, end, length);
  if (at == nullptr || length > end - at || length < -1) return nullptr;
  view = length < 0 ? BytesView() : BytesView(at, static_cast<std::size_t>(length));
  return length < 0 ? at : at + length;
}

// Headers are of no use to us, but a record must end where they do.
const std::byte* skip_headers(const std::byte* at, const std::byte* end, std::int64_t count);

}  // namespace detail

inline bool RecordScan::next(LogRecord& out) {
  if (at_ == end_) return false;
  std::int64_t length = 0, time_delta = 0, offset_delta = 0, headers = 0;
  const std::byte* at = detail::read_signed(at_, end_, length);
  if (at == nullptr || length < 1 || length > end_ - at) return spoilt();
  const std::byte* const end = at + length;
  at = detail::read_signed(at + 1, end, time_delta);  // one byte of attributes, unused
  if (at != nullptr) at = detail::read_signed(at, end, offset_delta);
  if (at != nullptr) at = detail::read_bytes(at, end, out.key);
  if (at != nullptr) at = detail::read_bytes(at, end, out.value);
  if (at != nullptr) at = detail::read_signed(at, end, headers);
  if (at != nullptr && headers != 0) at = detail::skip_headers(at, end, headers);
  if (at != end) return spoilt();
  const LogBatch& header = batch_.header;
  if (offset_delta <= last_delta_ || offset_delta > header.last_offset - header.base_offset) {
    return spoilt();
  }
  last_delta_ = offset_delta;
  at_ = end;
  ++count_;
  out.offset = header.base_offset + offset_delta;
  out.timestamp_ms =
      header.log_append_time ? header.max_timestamp_ms : batch_.base_timestamp_ms + time_delta;
  return true;
}

}  // namespace seatrial::kafka::wire
