// What passed one listener, by API. Written by the pump's thread, read by anybody.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include "core/network.hpp"

namespace seatrial::proxy {

class ListenerCounters {
 public:
  void connected() { add(connections_, 1); }
  void unmatched() { add(unmatched_, 1); }
  void passed_in(std::size_t bytes) { add(bytes_in_, bytes); }
  void passed_out(std::size_t bytes) { add(bytes_out_, bytes); }
  void request(std::int16_t api, std::uint64_t bytes) {
    add(slot(api).requests, 1);
    add(slot(api).bytes_in, bytes);
  }
  void response(std::int16_t api, std::uint64_t bytes) {
    add(slot(api).responses, 1);
    add(slot(api).bytes_out, bytes);
  }
  [[nodiscard]] LinkCounters read(NodeId node, std::string listener) const;

 private:
  using Count = std::atomic<std::uint64_t>;
  struct Slot {
    Count requests = 0, responses = 0, bytes_in = 0, bytes_out = 0;
  };
  static constexpr std::size_t slots = 128;  // keys from here on share the last

  static void add(Count& to, std::uint64_t n) { to.fetch_add(n, std::memory_order_relaxed); }
  Slot& slot(std::int16_t api) {
    const auto at = static_cast<std::size_t>(api < 0 ? 0 : api);
    return by_api_[at < slots ? at : slots - 1];
  }

  Count connections_ = 0, unmatched_ = 0, bytes_in_ = 0, bytes_out_ = 0;
  std::array<Slot, slots> by_api_;
};

}  // namespace seatrial::proxy
