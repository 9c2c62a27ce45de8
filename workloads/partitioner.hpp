// Which partition a message goes to: the clients' own rules, decided by the harness so that each
// stream is dense. Messages with a key go by its hash; those without, in turn or sticky by batch.
//
//   sticky       one partition until a batch's worth (bytes, messages or linger) is reached, then
//                another at random; keys as in murmur2: what the Java client does
//   round_robin  each message to the next partition, keys or not
//   murmur2      keys as the Java client hashes them; sticky without
//   crc32        keys as librdkafka's `consistent` hashes them; sticky without
//
// One owner, single-threaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "workloads/shapes/size.hpp"

namespace seatrial::workloads {

[[nodiscard]] std::int32_t murmur2_partition(std::span<const std::byte> key,
                                             std::int32_t partitions);
[[nodiscard]] std::int32_t crc32_partition(std::span<const std::byte> key, std::int32_t partitions);

enum class Partitioning { sticky, round_robin, murmur2, crc32 };

// A batch's worth: what ends a batch in the client, whichever comes first.
struct BatchLimits {
  std::uint64_t bytes = 1'000'000;
  std::uint64_t messages = 10'000;
  std::int64_t linger_ns = 5'000'000;
};

class Partitioner {
 public:
  Partitioner(Partitioning kind, std::int32_t partitions, BatchLimits limits, std::uint64_t seed);
  // `key`: empty for none. `now_ns`: when the message is handed over; never less than before.
  std::int32_t pick(std::span<const std::byte> key, std::uint64_t message_bytes,
                    std::int64_t now_ns);
  // For messages without a key, all of one size: how many of the next ones, up to `most` of at
  // least one, go to the partition that is given as well. took() tells how many of them came to be,
  // at least one: it is the same as so many calls of pick.
  struct Run {
    std::int32_t partition = 0;
    std::uint64_t most = 0;
    std::int64_t until_ns = 0;  // those that are handed over by then, inclusive
  };
  Run next_run(std::uint64_t message_bytes, std::uint64_t most, std::int64_t now_ns);
  void took(std::uint64_t messages, std::uint64_t message_bytes);

 private:
  std::int32_t stick(std::uint64_t message_bytes, std::int64_t now_ns);
  void switch_partition();

  Partitioning kind_;
  std::int32_t partitions_;
  BatchLimits limits_;
  RandomEngine random_;
  std::int32_t current_ = 0;
  std::uint64_t batch_bytes_ = 0;
  std::uint64_t batch_messages_ = 0;
  std::int64_t batch_since_ns_ = 0;
};

}  // namespace seatrial::workloads
