// Implements proxy/counters.hpp.
#include "proxy/counters.hpp"

#include <utility>

namespace seatrial::proxy {

LinkCounters ListenerCounters::read(NodeId node, std::string listener) const {
  LinkCounters out{.node = node,
                   .listener = std::move(listener),
                   .connections = connections_,
                   .bytes_in = bytes_in_,
                   .bytes_out = bytes_out_,
                   .unmatched = unmatched_,
                   .apis = {}};
  for (std::size_t i = 0; i < slots; ++i) {
    const Slot& from = by_api_[i];
    if (from.requests == 0 && from.responses == 0) continue;
    out.apis.push_back({.api = static_cast<std::int16_t>(i),
                        .requests = from.requests,
                        .responses = from.responses,
                        .bytes_in = from.bytes_in,
                        .bytes_out = from.bytes_out});
  }
  return out;
}

}  // namespace seatrial::proxy
