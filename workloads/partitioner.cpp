// Kafka's hashes, and the bookkeeping of the present batch.
#include "workloads/partitioner.hpp"

#include <zlib.h>

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>

#include "core/check.hpp"

namespace seatrial::workloads {
namespace {

// Murmur2, 32 bits, with the seed that Kafka's clients share.
std::uint32_t murmur2(std::span<const std::byte> key) {
  constexpr std::uint32_t seed = 0x9747b28c;
  constexpr std::uint32_t m = 0x5bd1e995;
  const auto at = [&](std::size_t i) { return std::to_integer<std::uint32_t>(key[i]); };
  std::uint32_t hash = seed ^ static_cast<std::uint32_t>(key.size());
  std::size_t i = 0;
  for (; i + 4 <= key.size(); i += 4) {
    std::uint32_t k = at(i) | at(i + 1) << 8U | at(i + 2) << 16U | at(i + 3) << 24U;
    k *= m;
    k ^= k >> 24U;
    k *= m;
    hash = (hash * m) ^ k;
  }
  std::uint32_t tail = 0;
  for (std::size_t j = key.size(); j > i; --j) tail = (tail << 8U) | at(j - 1);
  if (i < key.size()) hash = (hash ^ tail) * m;
  hash ^= hash >> 13U;
  hash *= m;
  return hash ^ (hash >> 15U);
}

std::int32_t modulo(std::uint32_t hash, std::int32_t partitions) {
  return static_cast<std::int32_t>(hash % static_cast<std::uint32_t>(partitions));
}

}  // namespace

std::int32_t murmur2_partition(std::span<const std::byte> key, std::int32_t partitions) {
  return modulo(murmur2(key) & 0x7fffffffU, partitions);
}

std::int32_t crc32_partition(std::span<const std::byte> key, std::int32_t partitions) {
  const auto crc = ::crc32_z(0, reinterpret_cast<const Bytef*>(key.data()), key.size());
  return modulo(static_cast<std::uint32_t>(crc), partitions);
}

Partitioner::Partitioner(Partitioning kind, std::int32_t partitions, BatchLimits limits,
                         std::uint64_t seed)
    : kind_(kind), partitions_(partitions), limits_(limits), random_(seed) {
  check(partitions > 0, "a topic has partitions");
  // Lanes start apart, or all would send their first batch to the same partition.
  current_ = boost::random::uniform_int_distribution<std::int32_t>(0, partitions - 1)(random_);
}

std::int32_t Partitioner::pick(std::span<const std::byte> key, std::uint64_t message_bytes,
                               std::int64_t now_ns) {
  if (kind_ == Partitioning::round_robin) {
    current_ = current_ + 1 < partitions_ ? current_ + 1 : 0;
    return current_;
  }
  if (key.empty()) return stick(message_bytes, now_ns);
  return kind_ == Partitioning::crc32 ? crc32_partition(key, partitions_)
                                      : murmur2_partition(key, partitions_);
}

// The first is picked here and now, so that what it decides is decided; took() counts the others.
Partitioner::Run Partitioner::next_run(std::uint64_t message_bytes, std::uint64_t most,
                                       std::int64_t now_ns) {
  const std::int32_t partition = pick({}, message_bytes, now_ns);
  if (kind_ == Partitioning::round_robin) return {partition, 1, INT64_MAX};
  const std::uint64_t by_bytes =
      limits_.bytes > batch_bytes_ ? (limits_.bytes - batch_bytes_) / message_bytes : 0;
  const std::uint64_t by_count =
      limits_.messages > batch_messages_ ? limits_.messages - batch_messages_ : 0;
  return {partition, std::min(most, 1 + std::min(by_bytes, by_count)),
          batch_since_ns_ + limits_.linger_ns - 1};
}

void Partitioner::took(std::uint64_t messages, std::uint64_t message_bytes) {
  if (kind_ == Partitioning::round_robin) return;
  batch_messages_ += messages - 1;
  batch_bytes_ += (messages - 1) * message_bytes;
}

std::int32_t Partitioner::stick(std::uint64_t message_bytes, std::int64_t now_ns) {
  const bool full = batch_messages_ > 0 && (batch_bytes_ + message_bytes > limits_.bytes ||
                                            batch_messages_ >= limits_.messages ||
                                            now_ns - batch_since_ns_ >= limits_.linger_ns);
  if (full) switch_partition();
  if (batch_messages_ == 0) batch_since_ns_ = now_ns;
  ++batch_messages_;
  batch_bytes_ += message_bytes;
  return current_;
}

void Partitioner::switch_partition() {
  batch_messages_ = 0;
  batch_bytes_ = 0;
  if (partitions_ == 1) return;
  // Any but the present one.
  boost::random::uniform_int_distribution<std::int32_t> step(1, partitions_ - 1);
  current_ = (current_ + step(random_)) % partitions_;
}

}  // namespace seatrial::workloads
