// One topic's entry of a Metadata response.
#include "kafka/wire/topic_id.hpp"

#include <algorithm>

#include "kafka/wire/bytes.hpp"
#include "kafka/wire/connection.hpp"

namespace seatrial::kafka::wire {

Bytes encode_topic_id(std::int16_t version, const std::string& topic) {
  Writer out;
  out.varint(2).append(Bytes(std::tuple_size_v<TopicId>));  // one topic, not by its id
  out.compact_string(topic).no_tags();
  out.int8(0);                     // do not create it
  if (version <= 10) out.int8(0);  // nor tell of rights
  out.int8(0).no_tags();
  return out.take();
}

Result<TopicId> decode_topic_id(BytesView body) {
  Cursor in(body);
  in.int32();  // throttle time
  for (std::size_t left = in.compact_array(11); left > 0 && in.ok(); --left) {
    in.int32();
    in.compact_string();
    in.int32();
    in.compact_string();
    in.skip_tags();
  }
  in.compact_string();  // cluster id
  in.int32();           // controller
  if (in.compact_array(2 + 1 + std::tuple_size_v<TopicId>) != 1)
    return malformed_answer("Metadata");
  const std::int16_t error = in.int16();
  in.compact_string();
  const auto bytes = in.bytes(std::tuple_size_v<TopicId>);
  if (!in.ok()) return malformed_answer("Metadata");
  if (error != 0) return Error{"Metadata: " + error_name(error), ""};
  TopicId out{};
  std::ranges::copy(bytes, out.begin());
  return out;
}

Result<TopicId> ask_topic_id(const std::string& address, const std::string& topic,
                             Instant deadline) {
  auto connection = Connection::open(address, deadline);
  if (!connection) return connection.error();
  const auto version = connection->version_for(Api::metadata, topic_id_versions, "Metadata");
  if (!version) return version.error();
  const auto answer =
      connection->exchange({.api = Api::metadata, .version = *version, .flexible = true},
                           encode_topic_id(*version, topic), deadline);
  if (!answer) return answer.error();
  return decode_topic_id(*answer);
}

}  // namespace seatrial::kafka::wire
