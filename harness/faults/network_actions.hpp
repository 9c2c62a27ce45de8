// What faults of the network share: a rule for each target, which is in force until healed, and the
// counters by which its effect is seen. Nothing here knows which fault it is.
#pragma once

#include <string>
#include <vector>

#include "core/fault.hpp"
#include "core/network.hpp"
#include "faults/steps.hpp"

namespace seatrial::faults {

// By which of a rule's counters an effect is seen, and how the evidence calls it.
struct SeenBy {
  std::string kind;  // "bytes held"
  std::uint64_t RuleCounters::*counter = nullptr;
  std::string unit{};  // "B"; empty for plain counts
};

class RuleFault : public Fault {
 public:
  // `rule` without its node, which is each target in turn.
  RuleFault(NetworkRule rule, std::vector<SeenBy> seen_by, milliseconds patience)
      : rule_(std::move(rule)), seen_by_(std::move(seen_by)), patience_(patience) {}

  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::none; }
  [[nodiscard]] Needs needs() const override;
  [[nodiscard]] Links links() const override {
    return rule_.requests ? Links::requests : Links::any;
  }
  void aim(const Peers& peers, Way way) override;
  [[nodiscard]] bool silences_node() const override { return false; }
  // Returns once the first of the counters has moved for each target. Of a topic it asks the
  // brokers for its id, by which newer requests name it.
  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override;
  // Tells what every counter came to.
  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override;

 protected:
  struct InForce {
    NodeId node;
    Network::RuleId rule = 0;
  };
  void add_rules(Network& network, const std::vector<NodeId>& targets);
  [[nodiscard]] const std::vector<InForce>& in_force() const { return in_force_; }
  [[nodiscard]] const NetworkRule& rule() const { return rule_; }

 private:
  void await_effect(const Network& network, const InForce& entry, Evidence& evidence) const;

  NetworkRule rule_;
  std::vector<SeenBy> seen_by_;
  milliseconds patience_;
  std::vector<InForce> in_force_;
};

// The cluster's network, or FaultIneffective: the plan has refused such clusters before.
Network& network_of(Cluster& cluster);

// The option `patience`, with a fault's own before it.
std::vector<OptionSpec> link_options(std::vector<OptionSpec> own);
// Those of faults on requests: `api`, `topic`, `client`, `nth`, `probability`, `seed` and
// `patience`.
std::vector<OptionSpec> request_options(std::vector<OptionSpec> own);
// Both ways between a node and all others, unless the target is a link.
NetworkRule link_rule(NetworkRule::Effect effect);
// With what those options say; what clients ask of a node, unless the target is a link. Throws
// UsageError where they do not go together.
NetworkRule request_rule(NetworkRule::Effect effect, const Options& options);

}  // namespace seatrial::faults
