// How brokers tell a topic from another of the same name: clients name it so in newer requests.
#pragma once

#include <array>
#include <cstddef>

namespace seatrial {

using TopicId = std::array<std::byte, 16>;  // a UUID's bytes, as on the wire

}  // namespace seatrial
