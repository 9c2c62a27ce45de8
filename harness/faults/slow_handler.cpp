// slow_handler: a member takes longer over each message, as one does whose database is slow. Too
// slow for max.poll.interval.ms, it is thrown out of its group between two polls. Healed by taking
// as long as before, from the message on that is next.
#include "core/units.hpp"
#include "faults/client_actions.hpp"
#include "faults/node_actions.hpp"

namespace seatrial::faults {
namespace {

class SlowHandler final : public OnClients {
 public:
  SlowHandler(nanoseconds by, milliseconds patience) : by_(by), patience_(patience) {}

  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    asked_ = ask_of(cluster, targets);
    for (const auto& [client, conduct] : asked_) {
      before_[client] = conduct->slowed;
      conduct->slower_by_ns = by_.count();
    }
    for (const auto& [client, conduct] : asked_) await_slowed(client, *conduct, evidence.stop);
  }

  std::vector<std::string> heal(Cluster&, Evidence& evidence) noexcept override {
    for (const auto& [client, conduct] : asked_) {
      conduct->slower_by_ns = 0;
      count(evidence, client, "messages slowed", conduct->slowed - before_[client]);
    }
    asked_.clear();
    return {};
  }

 private:
  void await_slowed(NodeId client, const ClientConduct& conduct,
                    const std::stop_token& stop) const {
    const std::uint64_t before = before_.at(client);
    if (await_that([&] { return conduct.slowed > before; },
                   {.budget = patience_, .after_stop = stop_grace}, stop))
      return;
    throw FaultIneffective(node_text(client) + " finished no message that took longer within " +
                           format_duration(patience_));
  }

  nanoseconds by_;
  milliseconds patience_;
  Asked asked_;  // until it is healed
  std::map<NodeId, std::uint64_t> before_;
};

const Registration<Fault> registration{{
    .name = "slow_handler",
    .help = "make a member's handling of each message take longer; heal ends that",
    .options = {{.name = "by",
                 .type = OptionType::duration,
                 .help = "how much longer, as in 50ms",
                 .required = true,
                 .validate = check_time},
                patience_option("how long to wait until a message has taken that long")},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<SlowHandler>(options.duration("by"), patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
