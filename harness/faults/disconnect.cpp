// disconnect: all of a member's TCP connections end at once, as by a load balancer that restarts.
// The member is not told: its client notices, and connects again. Nothing is left to heal; what was
// connected anew by then is counted.
#include "core/units.hpp"
#include "faults/client_actions.hpp"
#include "faults/node_actions.hpp"

namespace seatrial::faults {
namespace {

class Disconnect final : public OnClients {
 public:
  explicit Disconnect(milliseconds patience) : patience_(patience) {}

  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    asked_ = ask_of(cluster, targets);
    for (const auto& [client, conduct] : asked_) shut(client, *conduct, evidence);
    for (const auto& [client, conduct] : asked_) await_return(client, *conduct, evidence);
  }

  std::vector<std::string> heal(Cluster&, Evidence& evidence) noexcept override {
    for (const auto& [client, conduct] : asked_)
      count(evidence, client, "connections made anew", conduct->reconnected.load());
    asked_.clear();
    return {};
  }

 private:
  void shut(NodeId client, ClientConduct& conduct, Evidence& evidence) const {
    const std::uint64_t before = conduct.shut;
    const std::uint32_t asked = ++conduct.disconnects;
    if (!await_that([&] { return conduct.disconnected == asked; },
                    {.budget = patience_, .after_stop = stop_grace}, evidence.stop))
      throw FaultIneffective(node_text(client) + " did not shut its connections");
    const std::uint64_t lost = conduct.shut - before;
    if (lost == 0) throw FaultIneffective(node_text(client) + " had no connection to lose");
    count(evidence, client, "connections shut", lost);
  }

  // One that stays away lost them all the same.
  void await_return(NodeId client, const ClientConduct& conduct, Evidence& evidence) const {
    if (await_that([&] { return conduct.reconnected > 0; },
                   {.budget = patience_, .after_stop = stop_grace}, evidence.stop))
      return;
    evidence.facts.push_back(node_text(client) + " made no new connection within " +
                             format_duration(patience_));
  }

  milliseconds patience_;
  Asked asked_;  // until it is healed
};

const Registration<Fault> registration{{
    .name = "disconnect",
    .help = "end all TCP connections of a member at once; its client connects again by itself",
    .options = {patience_option("how long to wait for the end and for the first new connection")},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<Disconnect>(patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
