// The layout is that of record_batch.cpp.
#include "kafka/wire/batch_writer.hpp"

#include <bit>
#include <cstring>

#include "core/check.hpp"
#include "core/crc32c.hpp"
#include "kafka/wire/bytes.hpp"

namespace seatrial::kafka::wire {
namespace {

constexpr std::size_t crc_at = 17;
constexpr std::size_t crc_ends = 21;
constexpr std::size_t before_length_counts = 12;
constexpr int transactional_bit = 0x10;  // of the attributes

std::uint64_t zigzag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1U ^ static_cast<std::uint64_t>(value >> 63);
}

std::size_t signed_bytes(std::int64_t value) {
  return (static_cast<std::size_t>(std::bit_width(zigzag(value) | 1U)) + 6) / 7;
}

void put_signed(std::byte*& at, std::int64_t value) {
  std::uint64_t rest = zigzag(value);
  for (; rest >= 0x80U; rest >>= 7U) *at++ = static_cast<std::byte>((rest & 0x7fU) | 0x80U);
  *at++ = static_cast<std::byte>(rest);
}

// What the record's own length counts: attributes and time delta (a byte each), the offset's delta,
// key, value, and the number of headers (a byte).
std::size_t body_bytes(std::int64_t key, std::size_t value, std::int64_t index) {
  return 3 + signed_bytes(index) + signed_bytes(key) +
         (key > 0 ? static_cast<std::size_t>(key) : 0) +
         signed_bytes(static_cast<std::int64_t>(value)) + value;
}

}  // namespace

std::size_t record_bytes(std::int64_t key, std::size_t value, std::int64_t index) {
  const std::size_t body = body_bytes(key, value, index);
  return signed_bytes(static_cast<std::int64_t>(body)) + body;
}

std::span<std::byte> put_record(std::byte*& at, std::int64_t index, BytesView key,
                                std::size_t value) {
  const std::int64_t key_size = key.data() == nullptr ? -1 : static_cast<std::int64_t>(key.size());
  put_signed(at, static_cast<std::int64_t>(body_bytes(key_size, value, index)));
  *at++ = std::byte{0};  // attributes
  *at++ = std::byte{0};  // time delta
  put_signed(at, index);
  put_signed(at, key_size);
  if (!key.empty()) std::memcpy(at, key.data(), key.size());
  at += key.size();
  put_signed(at, static_cast<std::int64_t>(value));
  const std::span<std::byte> place(at, value);
  at += value;
  *at++ = std::byte{0};  // headers
  return place;
}

void seal_batch(std::span<std::byte> batch, const BatchSeal& seal) {
  check(batch.size() > batch_header_bytes && seal.records > 0, "a batch holds a record");
  std::byte* at = batch.data();
  const auto put = [&at](auto value) {
    store_big_endian(at, value);
    at += sizeof value;
  };
  put(std::int64_t{0});  // the broker sets the offset
  put(static_cast<std::int32_t>(batch.size() - before_length_counts));
  put(std::int32_t{-1});  // and the leader epoch
  put(std::int8_t{2});
  put(std::int32_t{0});  // checksum, below
  put(static_cast<std::int16_t>(static_cast<int>(seal.codec) |
                                (seal.transactional ? transactional_bit : 0)));
  put(seal.records - 1);
  put(seal.timestamp_ms);
  put(seal.timestamp_ms);
  put(seal.producer.id);
  put(seal.producer.epoch);
  put(seal.base_sequence);
  put(seal.records);
  const auto header = batch.first(batch_header_bytes).subspan(crc_ends);
  const auto records = batch.subspan(batch_header_bytes);
  const std::uint32_t sum = seal.records_sum
                                ? crc32c_joined(crc32c(header), *seal.records_sum, records.size())
                                : crc32c(records, crc32c(header));
  store_big_endian(batch.data() + crc_at, static_cast<std::int32_t>(sum));
}

}  // namespace seatrial::kafka::wire
