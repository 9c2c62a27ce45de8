// Produce, versions 3 to 7, and InitProducerId, versions 0 and 1, as pure functions from values to
// bytes and back: one batch of one partition a request, outside of transactions (for those see
// transaction.hpp). The batch itself is written by batch_writer.hpp.
//
// A request is made in one buffer that is used again: the head, which encode_produce_head makes
// once, with the batch behind it; what differs from request to request is set in place.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "kafka/wire/messages.hpp"

namespace seatrial::kafka::wire {

inline constexpr VersionRange produce_versions{3, 7};  // zstd needs 7
inline constexpr VersionRange init_producer_id_versions{0, 1};

struct ProduceTerms {
  std::int16_t acks = -1;            // -1: all
  std::int32_t timeout_ms = 30'000;  // until which the broker waits for its replicas
};
// Everything before the batch, the frame's size and header included. A head is as long whatever is
// set in it.
[[nodiscard]] Bytes encode_produce_head(const ProduceTerms& terms, std::string_view topic);
// `request`: head and batch. `head`: bytes of the former.
struct ProduceCall {
  std::int16_t version = 7;
  std::int32_t correlation = 0;
  std::int32_t partition = 0;
};
void set_produce_call(std::span<std::byte> request, std::size_t head, const ProduceCall& call);

struct ProduceAnswer {
  std::int16_t error = 0;
  std::int64_t offset = -1;  // of the batch's first record
  std::int32_t throttle_ms = 0;
};
// An answer about another partition than the one asked for is an error.
Result<ProduceAnswer> decode_produce(std::int16_t version, BytesView body, std::string_view topic,
                                     std::int32_t partition);

// Who sent a batch, and so which of its sequences come next; id -1: nobody in particular.
struct ProducerIdentity {
  std::int64_t id = -1;
  std::int16_t epoch = -1;
  friend bool operator==(ProducerIdentity, ProducerIdentity) = default;
};
[[nodiscard]] Bytes encode_init_producer_id();
Result<ProducerIdentity> decode_init_producer_id(BytesView body);

}  // namespace seatrial::kafka::wire
