// Field by field, in the order of the protocol's message definitions.
#include "kafka/wire/fetch.hpp"

#include "kafka/wire/bytes.hpp"

namespace seatrial::kafka::wire {

Bytes encode_fetch(std::int16_t version, const FetchRequest& request) {
  constexpr std::int32_t as_consumer = -1;
  constexpr std::int8_t read_committed = 1;
  Writer out;
  out.int32(as_consumer).int32(static_cast<std::int32_t>(request.max_wait.count()));
  out.int32(1).int32(request.max_bytes).int8(read_committed);  // from the first byte on
  if (version >= 7) out.int32(0).int32(-1);                    // no session, and do not make one
  out.int32(1).string(request.where.topic).int32(1).int32(request.where.partition);
  if (version >= 9) out.int32(request.leader_epoch);
  out.int64(request.offset);
  if (version >= 5) out.int64(-1);  // our log start: followers have one
  out.int32(request.max_bytes);
  if (version >= 7) out.int32(0);  // of the session nothing is to be forgotten
  return out.take();
}

Result<FetchAnswer> decode_fetch(std::int16_t version, BytesView body,
                                 const TopicPartition& asked) {
  Cursor in(body);
  FetchAnswer out;
  out.throttle_ms = in.int32();
  if (version >= 7) {
    out.error = in.int16();
    if (in.ok() && out.error != 0) return out;  // of the whole request: no partition follows
    in.int32();                                 // session
  }
  const std::size_t topics = in.array(10);
  const bool same_topic = in.string_in_place() == asked.topic;
  const std::size_t partitions = in.array(26);
  const std::int32_t partition = in.int32();
  out.error = in.int16();
  out.high_watermark = in.int64();
  out.last_stable_offset = in.int64();
  if (version >= 5) in.int64();  // log start
  out.aborted.resize(in.array(16));
  for (AbortedTransaction& aborted : out.aborted) {
    aborted.producer_id = in.int64();
    aborted.first_offset = in.int64();
  }
  const std::int32_t size = in.int32();
  out.records = in.bytes(size < 0 ? 0 : static_cast<std::uint64_t>(size));
  if (!in.ok() || topics != 1 || partitions != 1) {
    return Error{"the broker's answer to Fetch is cut off or malformed", ""};
  }
  if (!same_topic || partition != asked.partition) {
    return Error{"the broker's answer to Fetch is about another partition than the one asked", ""};
  }
  return out;
}

}  // namespace seatrial::kafka::wire
