// flap: the target's link goes away and comes back, over and over: cut for `down`, there for `up`.
// The first cut must be seen to hold something; what the others held is added up in the evidence.
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "faults/network_actions.hpp"

namespace seatrial::faults {
namespace {

struct Rhythm {
  nanoseconds down{}, up{};
};

class Flap final : public Fault {
 public:
  Flap(NetworkRule rule, Rhythm rhythm, milliseconds patience)
      : first_(rule,
               {{"connections held at first", &RuleCounters::connections},
                {"bytes held at first", &RuleCounters::bytes, "B"}},
               patience),
        rule_(std::move(rule)),
        rhythm_(rhythm) {}
  ~Flap() override { stop(); }

  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::none; }
  [[nodiscard]] Needs needs() const override { return {.gear = {Gear::proxy}}; }
  [[nodiscard]] bool silences_node() const override { return false; }
  [[nodiscard]] Links links() const override { return Links::any; }
  void aim(const Peers& peers, Way way) override {
    first_.aim(peers, way);
    rule_.peers = peers;
    rule_.way = way;
  }

  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) override {
    first_.inject(cluster, targets, evidence);
    flapping_ = std::jthread([this, &cluster, targets](const std::stop_token& stop) {
      try {
        flap(cluster, targets, stop);
      } catch (const std::exception& error) {
        const std::lock_guard lock(mutex_);
        failure_ = error.what();
      }
    });
  }

  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    stop();
    auto failures = first_.heal(cluster, evidence);
    if (!failure_.empty()) failures.push_back(failure_);
    for (const auto& [node, times] : cuts_) {
      evidence.counted.push_back({.node = node,
                                  .kind = "cuts",
                                  .value = static_cast<double>(times),
                                  .unit = {},
                                  .at = now()});
    }
    cuts_.clear();
    return failures;
  }

 private:
  void stop() {
    flapping_.request_stop();
    if (flapping_.joinable()) flapping_.join();
  }

  bool wait(const std::stop_token& stop, nanoseconds span) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, span, [] { return false; });
    return !stop.stop_requested();
  }

  void flap(Cluster& cluster, const std::vector<NodeId>& targets, const std::stop_token& stop) {
    Network& network = network_of(cluster);
    std::vector<Network::RuleId> rules;
    Evidence ignored;
    for (const NodeId node : targets) cuts_[node] = 1;
    if (!wait(stop, rhythm_.down)) return;
    static_cast<void>(first_.heal(cluster, ignored));
    while (wait(stop, rhythm_.up)) {
      for (const NodeId node : targets) {
        rule_.node = node;
        rules.push_back(network.add(rule_));
        ++cuts_[node];
      }
      wait(stop, rhythm_.down);
      for (const auto rule : std::exchange(rules, {})) network.remove(rule);
    }
  }

  RuleFault first_;
  NetworkRule rule_;
  Rhythm rhythm_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::map<NodeId, int> cuts_;  // of the thread's, until it is joined
  std::string failure_;
  std::jthread flapping_;  // last: it uses all of the above
};

std::string not_too_short(std::string_view text) {
  const auto span = parse_duration(text);
  return span && *span >= milliseconds(10) ? "" : "must be at least 10ms";
}

OptionSpec span_option(const char* name, const char* fallback, const char* help) {
  return {.name = name,
          .type = OptionType::duration,
          .fallback = fallback,
          .help = help,
          .choices = {},
          .required = false,
          .validate = not_too_short};
}

const Registration<Fault> registration{{
    .name = "flap",
    .help = "cut the target off and let it be reached again, over and over",
    .options = link_options({span_option("down", "500ms", "how long each cut lasts"),
                             span_option("up", "500ms", "how long the link is there between")}),
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<Flap>(
          link_rule(NetworkRule::Effect::stall),
          Rhythm{.down = options.duration("down"), .up = options.duration("up")},
          patience_of(options));
    },
}};

}  // namespace
}  // namespace seatrial::faults
