// One function per API, from the layouts in Kafka's protocol guide.
#include "proxy/answers.hpp"

#include <algorithm>
#include <array>

#include "kafka/wire/bytes.hpp"

namespace seatrial::proxy {
namespace {

using kafka::wire::Cursor;
using kafka::wire::Writer;

struct Question {
  RequestHeader header;
  BytesView body;  // behind the header
  bool flexible = false;
  std::int16_t error = 0;
};

// Writes the response's body; false if the request is none of its kind.
using Answer = bool (*)(const Question&, Writer&);

struct Known {
  std::int16_t api, least, most, first_flexible;
  Answer answer;
};

void array(Writer& out, std::size_t count, bool flexible) {
  if (flexible) out.varint(count + 1);
  else out.int32(static_cast<std::int32_t>(count));
}

void partition_refused(Writer& out, std::int32_t index, const Question& q) {
  constexpr std::int64_t none = -1;
  const std::int16_t version = q.header.version;
  out.int32(index).int16(q.error).int64(none).int64(none);  // base offset, append time
  if (version >= 5) out.int64(none);                        // log start
  if (version >= 8) {
    array(out, 0, q.flexible);  // errors of single records
    if (q.flexible) out.varint(0);
    else out.int16(-1);  // no message
  }
  if (q.flexible) out.no_tags();
}

// Name and partitions of one topic, over to the response.
void topic_refused(Cursor& in, Writer& out, const Question& q) {
  constexpr std::int16_t first_with_ids = 13;
  constexpr std::size_t id_bytes = 16;
  if (q.header.version >= first_with_ids) out.append(in.bytes(id_bytes));
  else if (q.flexible) out.compact_string(in.compact_string());
  else out.string(in.string_in_place());
  const std::size_t partitions = q.flexible ? in.compact_array(5) : in.array(8);
  array(out, partitions, q.flexible);
  for (std::size_t i = 0; i < partitions && in.ok(); ++i) {
    partition_refused(out, in.int32(), q);
    if (q.flexible) {
      const auto length = in.varint();
      in.skip(length == 0 ? 0 : length - 1);
      in.skip_tags();
    } else {
      const auto length = in.int32();
      in.skip(length < 0 ? 0 : static_cast<std::uint64_t>(length));
    }
  }
  if (!q.flexible) return;
  in.skip_tags();
  out.no_tags();
}

bool produce_refused(const Question& q, Writer& out) {
  Cursor in(q.body);
  if (q.flexible) {
    const auto length = in.varint();
    in.skip(length == 0 ? 0 : length - 1);
  } else {
    in.string_in_place();
  }
  in.int16();  // acks
  in.int32();  // timeout
  const std::size_t topics = q.flexible ? in.compact_array(3) : in.array(6);
  array(out, topics, q.flexible);
  for (std::size_t i = 0; i < topics && in.ok(); ++i) topic_refused(in, out, q);
  out.int32(0);  // throttled
  return in.ok();
}

bool fetch_refused(const Question& q, Writer& out) {
  out.int32(0).int16(q.error).int32(0);  // throttled, error, session
  array(out, 0, q.flexible);
  return true;
}

bool heartbeat_refused(const Question& q, Writer& out) {
  if (q.header.version >= 1) out.int32(0);
  out.int16(q.error);
  return true;
}

bool producer_id_refused(const Question& q, Writer& out) {
  out.int32(0).int16(q.error).int64(-1).int16(-1);
  if (q.header.version >= 6) out.int64(-1).int16(-1);  // of an ongoing transaction
  return true;
}

bool end_of_transaction_refused(const Question& q, Writer& out) {
  out.int32(0).int16(q.error);
  if (q.header.version >= 5) out.int64(-1).int16(-1);
  return true;
}

bool coordinator_refused(const Question& q, Writer& out) {
  if (q.header.version >= 1) out.int32(0);
  out.int16(q.error);
  if (q.header.version >= 1) {
    if (q.flexible) out.varint(0);
    else out.int16(-1);
  }
  out.int32(-1);  // no node, at no host
  if (q.flexible) out.compact_string("");
  else out.string("");
  out.int32(-1);
  return true;
}

constexpr std::int16_t find_coordinator = 10;
constexpr std::array<Known, 6> known{{
    {api::produce, 3, 13, 9, produce_refused},
    {api::fetch, 7, 18, 12, fetch_refused},
    {api::heartbeat, 0, 4, 4, heartbeat_refused},
    {api::init_producer_id, 0, 6, 2, producer_id_refused},
    {api::end_txn, 0, 5, 3, end_of_transaction_refused},
    {find_coordinator, 0, 3, 3, coordinator_refused},
}};

}  // namespace

std::optional<Bytes> error_answer(BytesView request, std::int16_t error) {
  Question q{.header = {}, .body = {}, .flexible = false, .error = error};
  if (parse_request(request, q.header) != Parsed::whole) return std::nullopt;
  const auto* at = std::ranges::find(known, q.header.api, &Known::api);
  if (at == known.end() || q.header.version < at->least || q.header.version > at->most)
    return std::nullopt;
  q.flexible = q.header.version >= at->first_flexible;
  q.body = request.subspan(q.header.body);
  if (q.flexible) {  // the header's tagged fields
    Cursor tags(q.body);
    tags.skip_tags();
    q.body = q.body.last(tags.left());
  }
  Writer body;
  body.int32(q.header.correlation);
  if (q.flexible) body.no_tags();
  if (!at->answer(q, body)) return std::nullopt;
  if (q.flexible) body.no_tags();
  Writer frame;
  frame.int32(static_cast<std::int32_t>(body.bytes().size())).append(body.bytes());
  return frame.take();
}

}  // namespace seatrial::proxy
