// elect: has the controller elect a partition's leader: its preferred replica, or, of one without a
// leader, any replica that is alive, whatever it lacks. What an unclean election loses is then no
// broken promise. Nothing is undone: who leads moves on by itself.
#include <string_view>
#include <thread>

#include "faults/cluster_actions.hpp"
#include "faults/node_actions.hpp"

namespace seatrial::faults {
namespace {

class Elect final : public OnCluster {
 public:
  Elect(TopicPartition where, bool unclean, milliseconds patience)
      : where_(std::move(where)), unclean_(unclean), patience_(patience) {}

  [[nodiscard]] Needs needs() const override { return {.of_partition = where_}; }
  void inject(Cluster& cluster, const std::vector<NodeId>&, Evidence& evidence) override {
    kafka::Reshape reshape(cluster.nodes());
    const auto before = told_of(reshape, where_);
    evidence.facts.push_back("before, " + partition_text(before));
    if (unclean_) evidence.unclean_elections.push_back(where_.topic);  // also if it is seen late
    const Instant asked = now();
    demand(elect(reshape, asked + patience_, evidence.stop));
    const auto elected = [&](const kafka::PartitionState& state) {
      return unclean_ ? state.leader.value >= 0
                      : !state.replicas.empty() && state.leader == state.replicas.front();
    };
    const auto left = std::chrono::ceil<milliseconds>(asked + patience_ - now());
    const auto after = await_partition(reshape, where_, elected, left, evidence.stop);
    evidence.facts.push_back("after " + std::to_string((now() - asked) / milliseconds(1)) +
                             " ms, " + partition_text(after));
    if (!elected(after))
      throw FaultIneffective("the election was not seen: " + partition_text(after));
  }

  std::vector<std::string> heal(Cluster&, Evidence&) noexcept override { return {}; }

 private:
  // A replica that has just come back may lead as soon as it is in sync.
  Result<bool> elect(kafka::Reshape& reshape, Instant deadline, const std::stop_token& stop) const {
    using kafka::wire::Election;
    for (bool again = false;; again = true) {
      auto taken =
          reshape.elect(unclean_ ? Election::unclean : Election::preferred, where_, deadline);
      const auto says = [&](std::string_view name) {
        return !taken && taken.error().message.find(name) != std::string::npos;
      };
      if (again && says("ELECTION_NOT_NEEDED")) return true;  // the controller came first
      const bool not_yet =
          says("PREFERRED_LEADER_NOT_AVAILABLE") || says("ELIGIBLE_LEADERS_NOT_AVAILABLE");
      if (!not_yet || now() >= deadline || stop.stop_requested()) return taken;
      std::this_thread::sleep_for(between_questions);
    }
  }

  TopicPartition where_;
  bool unclean_;
  milliseconds patience_;
};

const Registration<Fault> registration{{
    .name = "elect",
    .help = "have a partition's leader elected",
    .options = {partition_option(),
                {"kind",
                 OptionType::choice,
                 "preferred",
                 "the first of its replicas, or, where it has no leader, any that is alive",
                 {"preferred", "unclean"}},
                patience_option("how long to wait until it can lead, and is seen to")},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<Elect>(partition_of(options), options.text("kind") == "unclean",
                                     patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
