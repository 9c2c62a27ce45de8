// skip_polls: a member does not poll while its process and its client's threads go on, so that its
// heartbeats still come and only max.poll.interval.ms tells that it hangs. Then it is out of its
// group, and learns so at its next poll, which heal lets it make.
#include <stdexcept>
#include <utility>

#include "faults/client_actions.hpp"
#include "faults/node_actions.hpp"

namespace seatrial::faults {
namespace {

class SkipPolls final : public OnClients {
 public:
  explicit SkipPolls(milliseconds patience) : patience_(patience) {}

  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    asked_ = ask_of(cluster, targets);
    for (const auto& [client, conduct] : asked_) conduct->skips_polls = true;
    for (const auto& [client, conduct] : asked_) await_silence(client, *conduct, evidence.stop);
  }

  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    const Asked asked = std::exchange(asked_, {});
    std::vector<NodeId> clients;
    for (const auto& [client, conduct] : asked) {
      conduct->skips_polls = false;
      clients.push_back(client);
    }
    return for_each_node(
        clients, [&](NodeId client) { resume(cluster, client, *asked.at(client), evidence); });
  }

 private:
  void await_silence(NodeId client, const ClientConduct& conduct,
                     const std::stop_token& stop) const {
    if (!await_that([&] { return conduct.not_polling_since_ns != 0; },
                    {.budget = patience_, .after_stop = stop_grace}, stop))
      throw FaultIneffective(node_text(client) + " went on polling");
  }

  // One that ended meanwhile polls no more, and is another fault's.
  void resume(Cluster& cluster, NodeId client, const ClientConduct& conduct,
              Evidence& evidence) const {
    const auto polls = [&] { return conduct.not_polling_since_ns == 0; };
    const bool again =
        await_that(polls, {.budget = patience_, .after_stop = stop_grace}, evidence.stop);
    if (!again && processes_of(cluster).state(client).kind == ProcessState::Kind::running)
      throw std::runtime_error("it does not poll again");
    count(evidence, client, "time between two polls",
          static_cast<double>(conduct.poll_gap_ns / 1'000'000), "ms");
  }

  milliseconds patience_;
  Asked asked_;  // until it is healed
};

const Registration<Fault> registration{{
    .name = "skip_polls",
    .help = "have a member not poll, while its heartbeats go on; heal lets it poll again",
    .options = {patience_option("how long to wait until it has ended the batch at hand")},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<SkipPolls>(patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
