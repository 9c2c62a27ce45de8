// Field by field, in the order of the protocol's message definitions.
#include "kafka/wire/produce.hpp"

#include <cstring>

#include "core/check.hpp"
#include "kafka/wire/bytes.hpp"

namespace seatrial::kafka::wire {
namespace {

// Where a frame holds what differs from call to call; the last two lie before the head's end.
constexpr std::size_t size_at = 0;
constexpr std::size_t version_at = 6;
constexpr std::size_t correlation_at = 8;
constexpr std::size_t partition_before_end = 8;
constexpr std::size_t records_size_before_end = 4;

}  // namespace

Bytes encode_produce_head(const ProduceTerms& terms, std::string_view topic) {
  Writer body;
  body.int16(-1);  // no transactional id
  body.int16(terms.acks).int32(terms.timeout_ms);
  body.int32(1).string(topic);
  body.int32(1).int32(0).int32(0);  // one partition, and how many bytes of records
  return frame({.api = Api::produce, .version = produce_versions.most}, body.bytes());
}

void set_produce_call(std::span<std::byte> request, std::size_t head, const ProduceCall& call) {
  check(head <= request.size(), "a request begins with its head");
  const auto size = [](std::size_t bytes) { return static_cast<std::int32_t>(bytes); };
  std::byte* const at = request.data();
  store_big_endian(at + size_at, size(request.size() - sizeof(std::int32_t)));
  store_big_endian(at + version_at, call.version);
  store_big_endian(at + correlation_at, call.correlation);
  store_big_endian(at + head - partition_before_end, call.partition);
  store_big_endian(at + head - records_size_before_end, size(request.size() - head));
}

Result<ProduceAnswer> decode_produce(std::int16_t version, BytesView body, std::string_view topic,
                                     std::int32_t partition) {
  Cursor in(body);
  ProduceAnswer out;
  const std::size_t topics = in.array(6);
  const std::string_view named = in.string_in_place();
  const std::size_t partitions = in.array(14);
  const std::int32_t reported = in.int32();
  out.error = in.int16();
  out.offset = in.int64();
  in.int64();                    // time of appending, where the log has its own
  if (version >= 5) in.int64();  // where the log begins
  out.throttle_ms = in.int32();
  if (!in.ok() || topics != 1 || partitions != 1) return malformed_answer("Produce");
  if (named != topic || reported != partition) {
    return Error{"the broker's answer to Produce is about another partition", ""};
  }
  return out;
}

Bytes encode_init_producer_id() {
  constexpr std::int32_t no_transactions = 0x7fffffff;  // their timeout, without a meaning here
  Writer out;
  return out.int16(-1).int32(no_transactions).take();
}

Result<ProducerIdentity> decode_init_producer_id(BytesView body) {
  Cursor in(body);
  in.int32();  // throttle time
  const std::int16_t error = in.int16();
  ProducerIdentity out;
  out.id = in.int64();
  out.epoch = in.int16();
  if (!in.ok()) return malformed_answer("InitProducerId");
  if (error != 0) return Error{"InitProducerId: " + error_name(error), ""};
  if (out.id < 0) return malformed_answer("InitProducerId");
  return out;
}

}  // namespace seatrial::kafka::wire
