// Field by field, in the order of the protocol's message definitions.
#include "kafka/wire/transaction.hpp"

#include "kafka/wire/bytes.hpp"

namespace seatrial::kafka::wire {
namespace {

constexpr std::string_view software = "seatrial";
constexpr std::uint64_t finalized_features_tag = 2;

Writer& compact_count(Writer& out, std::size_t elements) { return out.varint(elements + 1); }

void skip_record_errors(Cursor& in) {
  for (std::size_t left = in.compact_array(6); left > 0 && in.ok(); --left) {
    in.int32();  // of which record
    in.compact_string();
    in.skip_tags();
  }
}

ProducedPartition produced_partition(Cursor& in) {
  ProducedPartition out{.partition = in.int32()};
  out.error = in.int16();
  out.offset = in.int64();
  in.int64();  // time of appending, where the log has its own
  in.int64();  // where the log begins
  skip_record_errors(in);
  out.words = in.compact_string();
  in.skip_tags();
  return out;
}

void read_finalized(Cursor& in, std::map<std::string, std::int16_t>& out) {
  for (std::size_t left = in.compact_array(6); left > 0 && in.ok(); --left) {
    const std::string name = in.compact_string();
    out[name] = in.int16();  // the most; then the least
    in.int16();
    in.skip_tags();
  }
}

}  // namespace

Bytes encode_features() {
  return Writer().compact_string(software).compact_string(SEATRIAL_VERSION).no_tags().take();
}

Result<std::map<std::string, std::int16_t>> decode_features(BytesView body) {
  Cursor in(body);
  const std::int16_t error = in.int16();
  for (std::size_t left = in.compact_array(7); left > 0 && in.ok(); --left) {
    in.skip(3 * sizeof(std::int16_t));  // key, least and most version
    in.skip_tags();
  }
  in.int32();  // throttle time
  std::map<std::string, std::int16_t> out;
  for (std::uint64_t tags = in.varint(); tags > 0 && in.ok(); --tags) {
    const std::uint64_t tag = in.varint();
    Cursor field(in.bytes(in.varint()));
    if (tag != finalized_features_tag) continue;
    read_finalized(field, out);
    if (!field.ok()) return malformed_answer("ApiVersions");
  }
  if (!in.ok()) return malformed_answer("ApiVersions");
  if (error != 0) return Error{"ApiVersions: " + error_name(error), ""};
  return out;
}

Bytes encode_transactional_id(std::string_view id, std::int32_t timeout_ms) {
  Writer out;
  out.compact_string(id).int32(timeout_ms);
  return out.int64(-1).int16(-1).no_tags().take();  // it goes on with no earlier identity
}

Bytes encode_end_transaction(std::string_view id, ProducerIdentity producer, bool commit) {
  Writer out;
  out.compact_string(id).int64(producer.id).int16(producer.epoch);
  return out.int8(commit ? 1 : 0).no_tags().take();
}

Result<IdentityAnswer> decode_identity(BytesView body, const char* request) {
  Cursor in(body);
  IdentityAnswer out;
  out.throttle_ms = in.int32();
  out.error = in.int16();
  out.producer.id = in.int64();
  out.producer.epoch = in.int16();
  in.skip_tags();
  if (!in.ok()) return malformed_answer(request);
  if (out.error == 0 && out.producer.id < 0) return malformed_answer(request);
  return out;
}

Bytes encode_transactional_produce(const ProduceTerms& terms, std::string_view id,
                                   std::string_view topic,
                                   std::span<const PartitionBatch> batches) {
  Writer out;
  out.compact_string(id).int16(terms.acks).int32(terms.timeout_ms);
  compact_count(out, 1).compact_string(topic);
  compact_count(out, batches.size());
  for (const PartitionBatch& batch : batches) {
    out.int32(batch.partition);
    compact_count(out, batch.batch.size()).append(batch.batch).no_tags();
  }
  return out.no_tags().no_tags().take();
}

Result<ProducedAnswer> decode_transactional_produce(BytesView body, std::string_view topic) {
  Cursor in(body);
  ProducedAnswer out;
  const std::size_t topics = in.compact_array(3);
  const std::string named = in.compact_string();
  for (std::size_t left = in.compact_array(33); left > 0 && in.ok(); --left) {
    out.partitions.push_back(produced_partition(in));
  }
  in.skip_tags();
  out.throttle_ms = in.int32();
  in.skip_tags();
  if (!in.ok() || topics != 1) return malformed_answer("Produce");
  if (named != topic) return Error{"the broker's answer to Produce is about another topic", ""};
  return out;
}

}  // namespace seatrial::kafka::wire
