// A frame-aware proxy before the listeners of a cluster's nodes, and with that their Network: one
// thread for each node. It begins before the nodes do, rewrites nothing where no rule applies, and
// ends, as all of this process does, with the process: then its listeners and connections are gone.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "core/network.hpp"
#include "proxy/pump.hpp"

namespace seatrial::proxy {

class Proxy final : public Network {
 public:
  // Listens when this returns. Throws InfrastructureError if a port is taken.
  Proxy(std::vector<Port> ports, Roles roles);
  ~Proxy() override;

  [[nodiscard]] RuleId add(const NetworkRule& rule) override;
  void remove(RuleId rule) override;
  [[nodiscard]] RuleCounters counted(RuleId rule) const override;
  [[nodiscard]] std::vector<LinkCounters> counters() const override;
  // By the kernel's table of connections.
  [[nodiscard]] std::vector<std::string> bypassing() const override;

 private:
  void await(std::uint64_t edition);

  const std::vector<Port> ports_;
  const Roles roles_;
  RuleBook book_;
  OwnPorts own_;
  std::atomic<RuleId> next_ = 1;
  std::vector<std::unique_ptr<Pump>> pumps_;  // last: they use all of the above
};

// The local ports of established connections to `port`, of a table as /proc/net/tcp has it.
[[nodiscard]] std::vector<std::uint16_t> dialled_from(std::string_view table, int port);

}  // namespace seatrial::proxy
