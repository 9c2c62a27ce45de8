// The thread that moves the bytes of one node's connections: epoll, edge triggered, plain recv and
// send (splice buys nothing on loopback, and what passes it cannot be looked at). Rules are taken
// up between two events.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "proxy/rules.hpp"
#include "proxy/sockets.hpp"

namespace seatrial::proxy {

struct Port {
  NodeId node;
  Listener listener = Listener::client;
  int port = 0;                            // where peers dial, on 127.0.0.1
  int target = 0;                          // where the node listens
  bool framed = true;                      // false: encrypted
  [[nodiscard]] std::string name() const;  // of the listener, in counters
};

class Pump {
 public:
  // All ports are one node's. Listens when this returns; throws InfrastructureError. The others
  // outlive the pump.
  Pump(const std::vector<Port>& ports, const RuleBook& rules, const Roles& roles, OwnPorts& own);
  ~Pump();
  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;

  // The rules changed.
  void wake() noexcept;
  // The edition of the rules that everything is subject to.
  [[nodiscard]] std::uint64_t edition() const;
  [[nodiscard]] std::vector<LinkCounters> counters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace seatrial::proxy
