// The id of a topic, by Metadata from v10 on.
#pragma once

#include <string>

#include "core/time.hpp"
#include "core/topic_id.hpp"
#include "kafka/wire/messages.hpp"

namespace seatrial::kafka::wire {

inline constexpr VersionRange topic_id_versions{10, 12};

[[nodiscard]] Bytes encode_topic_id(std::int16_t version, const std::string& topic);
// Any bytes; an error where the broker knows no such topic.
Result<TopicId> decode_topic_id(BytesView body);

// Asks the broker at `address` (host:port).
Result<TopicId> ask_topic_id(const std::string& address, const std::string& topic,
                             Instant deadline);

}  // namespace seatrial::kafka::wire
