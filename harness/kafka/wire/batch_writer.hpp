// Writing record batches of format v2 in place, the counterpart of record_batch.hpp:
//
//     std::byte* at = batch.data() + batch_header_bytes;
//     for (...) fill(put_record(at, i, key, size));          // the value's bytes, to be filled
//     seal_batch(batch.first(at - batch.data()), {...});     // header and checksum
//
// Room is the caller's to know: record_bytes tells how much a record takes. Every record carries
// the batch's timestamp, and none has headers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "kafka/wire/produce.hpp"
#include "kafka/wire/record_batch.hpp"

namespace seatrial::kafka::wire {

inline constexpr std::size_t batch_header_bytes = 61;

// `key`: its size, or -1 for none. `index`: of the record within its batch.
[[nodiscard]] std::size_t record_bytes(std::int64_t key, std::size_t value, std::int64_t index);

// Writes a record at `at` and moves `at` behind it; the place of its value, which is not filled.
// A key without data is none.
std::span<std::byte> put_record(std::byte*& at, std::int64_t index, BytesView key,
                                std::size_t value);

struct BatchSeal {
  Codec codec = Codec::none;
  std::int32_t records = 0;
  std::int64_t timestamp_ms = 0;
  ProducerIdentity producer;
  std::int32_t base_sequence = -1;
  bool transactional = false;
  std::optional<std::uint32_t> records_sum{};  // CRC32C of all behind the header, where it is known
};
// Writes the header of a batch whose records are there, and its checksum.
void seal_batch(std::span<std::byte> batch, const BatchSeal& seal);

}  // namespace seatrial::kafka::wire
