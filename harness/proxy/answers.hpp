// Answers in a broker's place: of a request, the response that says nothing but an error.
#pragma once

#include <cstdint>
#include <optional>

#include "proxy/framing.hpp"

namespace seatrial::proxy {

// Of a whole frame, the whole frame of the response; nothing for an API or version that is not
// known here, and for what is no such request. Known are Produce v3 to v13, Fetch from v7,
// Heartbeat, InitProducerId, EndTxn, and FindCoordinator up to v3.
[[nodiscard]] std::optional<Bytes> error_answer(BytesView request, std::int16_t error);

}  // namespace seatrial::proxy
