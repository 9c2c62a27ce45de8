// reassign: gives a partition other replicas, by default each broker's next one, so that the
// preferred leader changes too. With a throttle the copying is held to so many bytes a second, as
// an operator would. Effective when the replicas are as asked and all in sync, or, with
// `await: start`, when the brokers tell of the new ones; healed by giving the old ones back.
#include <algorithm>
#include <optional>
#include <set>

#include "core/units.hpp"
#include "faults/cluster_actions.hpp"
#include "faults/node_actions.hpp"

namespace seatrial::faults {
namespace {

constexpr const char* leader_rate = "leader.replication.throttled.rate";
constexpr const char* follower_rate = "follower.replication.throttled.rate";
constexpr const char* leader_replicas = "leader.replication.throttled.replicas";
constexpr const char* follower_replicas = "follower.replication.throttled.replicas";

struct ReassignSetting {
  TopicPartition where;
  std::vector<NodeId> to;  // empty: the next ones
  std::optional<std::uint64_t> throttle;
  bool await_end = true;
  milliseconds patience{0};
};

// Of `1 2 3`; nothing if it is not that.
std::vector<NodeId> brokers_in(std::string_view text) {
  std::vector<NodeId> out;
  while (!text.empty()) {
    const auto digits = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(digits.size() + 1, text.size()));
    if (digits.empty()) continue;
    const auto id = parse_integer(digits);
    if (!id || *id < 1 || *id > 99) return {};
    out.emplace_back(static_cast<std::int32_t>(*id));
  }
  return out;
}

std::string some_brokers(std::string_view value) {
  const auto brokers = brokers_in(value);
  std::set<NodeId> each(brokers.begin(), brokers.end());
  return !brokers.empty() && each.size() == brokers.size()
             ? ""
             : "'" + std::string(value) + "' are no brokers; write them as in \"2 3 1\"";
}

std::string some_rate(std::string_view value) {
  return parse_size(value).value_or(0) >= 1000 ? "" : "must be at least 1kB (a second)";
}

class Reassign final : public OnCluster {
 public:
  explicit Reassign(ReassignSetting setting) : s_(std::move(setting)) {}

  [[nodiscard]] Needs needs() const override {
    return {.of_partition = s_.where, .brokers = s_.to};
  }
  void inject(Cluster& cluster, const std::vector<NodeId>&, Evidence& evidence) override {
    kafka::Reshape reshape(cluster.nodes());
    const auto before = told_of(reshape, s_.where);
    evidence.facts.push_back("before, " + partition_text(before));
    const auto wanted = s_.to.empty() ? next_of(before.replicas, reshape.brokers()) : s_.to;
    if (wanted == before.replicas)
      throw FaultIneffective("the replicas already are " + ids_text(wanted));
    before_ = before.replicas;
    if (s_.throttle) throttle(reshape, std::to_string(*s_.throttle));
    const Instant asked = now();
    demand(reshape.reassign(s_.where, wanted, now() + s_.patience));
    const auto reached = [&](const kafka::PartitionState& state) {
      return s_.await_end ? is_done(state, wanted) : has_begun(state, wanted);
    };
    const auto after = await_partition(reshape, s_.where, reached, s_.patience, evidence.stop);
    evidence.facts.push_back("replicas " + ids_text(wanted) + " were asked for; after " +
                             std::to_string((now() - asked) / milliseconds(1)) + " ms, " +
                             partition_text(after));
    if (!reached(after))
      throw FaultIneffective("the replicas are not as asked: " + partition_text(after));
  }

  // What is under way is cancelled, and not asked to go the other way: the controller, which has
  // replicas to add and to remove then, may keep both. As long as it is throttled, or it could end
  // before that. Then the throttle goes, which must not hold up the way back.
  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept override {
    if (before_.empty()) return {};
    try {
      kafka::Reshape reshape(cluster.nodes());
      demand(reshape.cancel(s_.where, now() + s_.patience));
      if (s_.throttle) throttle(reshape, std::nullopt);
      if (!is_done(told_of(reshape, s_.where), before_))
        demand(reshape.reassign(s_.where, before_, now() + s_.patience));
      const auto back = [&](const auto& state) { return is_done(state, before_); };
      const auto after = await_partition(reshape, s_.where, back, s_.patience, evidence.stop);
      evidence.facts.push_back("healed, " + partition_text(after));
      if (back(after)) return {};
      return {"the replicas are not back: " + partition_text(after)};
    } catch (const std::exception& error) {
      return {error.what()};
    }
  }

 private:
  // Each broker's next one, in a ring.
  static std::vector<NodeId> next_of(const std::vector<NodeId>& replicas,
                                     const std::vector<NodeId>& brokers) {
    std::vector<NodeId> out;
    for (const NodeId replica : replicas) {
      const auto at = std::ranges::find(brokers, replica);
      const bool last = at == brokers.end() || at + 1 == brokers.end();
      out.push_back(last ? brokers.front() : *(at + 1));
    }
    return out;
  }

  static bool is_done(const kafka::PartitionState& state, const std::vector<NodeId>& wanted) {
    auto sorted = wanted;
    std::ranges::sort(sorted);
    return state.replicas == wanted && state.isr == sorted && state.leader.value >= 0;
  }

  static bool has_begun(const kafka::PartitionState& state, const std::vector<NodeId>& wanted) {
    return std::ranges::all_of(wanted, [&](NodeId node) {
      return std::ranges::find(state.replicas, node) != state.replicas.end();
    });
  }

  // Nothing as a rate takes it away.
  void throttle(kafka::Reshape& reshape, const std::optional<std::string>& rate) const {
    using kafka::wire::Configured;
    const auto all = rate ? std::optional<std::string>("*") : std::nullopt;
    const Instant deadline = now() + s_.patience;
    demand(reshape.configure(Configured::topic, s_.where.topic,
                             {{leader_replicas, all}, {follower_replicas, all}}, deadline));
    for (const NodeId broker : reshape.brokers()) {
      demand(reshape.configure(Configured::broker, std::to_string(broker.value),
                               {{leader_rate, rate}, {follower_rate, rate}}, deadline));
    }
  }

  ReassignSetting s_;
  std::vector<NodeId> before_;  // the replicas, in their order; empty: nothing was asked
};

const Registration<Fault> registration{{
    .name = "reassign",
    .help = "give a partition other replicas; heal gives the old ones back",
    .options = {partition_option(),
                {.name = "to",
                 .help = "brokers, the preferred leader first, as in \"2 3 1\"; default: each "
                         "one's next",
                 .validate = some_brokers},
                {.name = "throttle",
                 .type = OptionType::size,
                 .help = "bytes a second that copying may take on each broker, as in 1MB",
                 .validate = some_rate},
                {"await",
                 OptionType::choice,
                 "end",
                 "until when it counts as having happened",
                 {"end", "start"}},
                {.name = "patience",
                 .type = OptionType::duration,
                 .fallback = "60s",
                 .help = "how long to wait until the replicas are as asked",
                 .validate = check_time}},
    .make = [](const Options& options) -> std::unique_ptr<Fault> {
      return std::make_unique<Reassign>(ReassignSetting{
          .where = partition_of(options),
          .to = options.has("to") ? brokers_in(options.text("to")) : std::vector<NodeId>{},
          .throttle =
              options.has("throttle") ? std::optional(options.bytes("throttle")) : std::nullopt,
          .await_end = options.text("await") == "end",
          .patience = patience_of(options)});
    },
}};

}  // namespace
}  // namespace seatrial::faults
