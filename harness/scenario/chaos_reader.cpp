// Reads `chaos:`.
#include "scenario/chaos_reader.hpp"

#include <algorithm>

#include "core/check.hpp"
#include "core/fault.hpp"
#include "core/registry.hpp"
#include "core/suggest.hpp"
#include "core/units.hpp"
#include "scenario/draw.hpp"
#include "scenario/fault_reader.hpp"
#include "scenario/sections.hpp"
#include "scenario/tables.hpp"

namespace seatrial::scenario {
namespace {

using Kind = Target::Kind;

// Of what is healed, and of a failover: the session's end, and some seconds to catch up.
nanoseconds grace_of(const ClusterSpec& cluster) { return broker_session(cluster) + seconds(5); }

class ChaosReader {
 public:
  ChaosReader(const Node& chaos, const FaultSetting& setting, ReadContext& context)
      : node_(with_list_as_text(chaos, "targets")), s_(setting), context_(context) {}

  std::optional<ChaosRead> read() {
    if (!is_map_or_absent(node_, "chaos", context_.problems)) return std::nullopt;
    Node plain = node_;
    std::erase_if(plain.entries, [](const Entry& entry) { return entry.key == "faults"; });
    Problems own;
    const auto options = read_section(plain, chaos_keys(), "chaos", own);
    const bool sound = own.empty();
    context_.problems.add_all(own);
    read_faults();
    read_cluster_size();
    if (!sound || !node_.resolved()) return std::nullopt;
    out_.setting.beyond = options.text("within") == "beyond";
    read_spans(options);
    read_topics();
    read_roles(options);
    return std::move(out_);
  }

 private:
  void read_faults() {
    const Entry* faults = node_.find("faults");
    if (faults == nullptr || !faults->value.is_map() || faults->value.entries.empty()) {
      return report(faults == nullptr ? node_.place : faults->value.place,
                    "faults must be a map of faults and their weights, as in {kill: 3, pause: 2}");
    }
    for (const auto& entry : faults->value.entries) read_fault(entry);
  }

  // `kill: 3`, or `pause: {weight: 2, patience: 3s}`.
  void read_fault(const Entry& entry) {
    const auto& registry = Registry<Fault>::instance();
    const auto* plugin = registry.find(entry.key);
    if (plugin == nullptr) {
      return report(entry.place, "unknown fault '" + entry.key + "'" +
                                     did_you_mean(entry.key, registry.names()));
    }
    Node map = entry.value;
    if (map.is_scalar()) {
      map.kind = Node::Kind::map;
      map.entries = {{.key = "weight", .place = entry.place, .value = entry.value}};
    }
    std::vector<OptionSpec> keys{
        {"weight", OptionType::number, "1", "how often, beside the others", {}, false, nullptr}};
    keys.insert(keys.end(), plugin->options.begin(), plugin->options.end());
    Problems own;
    const auto options = read_section(map, keys, "chaos: " + entry.key, own);
    context_.problems.add_all(own);
    if (!own.empty() || !map.resolved()) return;
    if (options.number("weight") <= 0)
      return report(entry.value.place, entry.key + ": its weight must be above 0");
    out_.options[entry.key] =
        as_kafka_takes(map, *plugin, only(options, plugin->options), s_.cluster, context_);
    std::unique_ptr<Fault> fault;
    try {
      fault = plugin->make(out_.options[entry.key]);
    } catch (const UsageError& error) {
      return report(entry.place, entry.key + ": " + error.what());
    }
    const auto needs = fault->needs();
    out_.gear.insert(needs.gear.begin(), needs.gear.end());
    if (const auto why = cannot_be_fitted(needs, s_.cluster))
      report(entry.place, entry.key + ": " + *why);
    if (const auto missing = missing_for(needs, s_.cluster, s_.topics); !missing.empty())
      report(entry.place, entry.key + ": " + missing);
    if (const auto missing = missing_partition(needs, s_.topics); !missing.empty())
      report(entry.place, entry.key + ": " + missing);
    if (needs.members)
      report(entry.place, entry.key + ": acts on members of groups, at which chaos does not aim");
    out_.setting.faults.push_back({.fault = entry.key,
                                   .weight = options.number("weight"),
                                   .acts_on_nodes = fault->acts_on_nodes()});
  }

  void read_spans(const Options& options) {
    auto& to = out_.setting;
    to.every = options.duration("every");
    to.measure = s_.phases.measure;
    to.shortest = options.duration("shortest");
    to.longest = options.has("longest") ? options.duration("longest") : to.every / 2;
    to.longest = std::max(to.longest, options.has("longest") ? nanoseconds{0} : to.shortest);
    to.grace = grace_of(s_.cluster);
    if (to.longest < to.shortest) {
      report(place_of(node_, "longest"), "longest, " + format_duration(to.longest) +
                                             ", is less than shortest, " +
                                             format_duration(to.shortest));
    }
    if (to.every > to.measure) {
      report(place_of(node_, "every"), "every: " + format_duration(to.every) +
                                           " is longer than measure, which lasts " +
                                           format_duration(to.measure));
    }
    if (to.every < milliseconds(100))
      report(place_of(node_, "every"), "every: must be 100ms at least");
  }

  void read_cluster_size() {
    out_.setting.brokers = s_.cluster.brokers;
    out_.setting.controllers = s_.cluster.combined ? 0 : s_.cluster.controllers;
    const auto* kind = ClusterKinds::instance().find(s_.cluster.kind);
    if (kind != nullptr && !kind->has_processes) {
      context_.problems.add(node_.place, "chaos: cluster kind '" + kind->name +
                                             "' has no broker processes to act on; use kind: auto");
    }
  }

  // What every topic survives: replicas beyond those that a write waits for. Of brokers that vote,
  // most must stay.
  void read_topics() {
    auto& to = out_.setting;
    to.tolerated = s_.cluster.brokers;
    if (s_.cluster.combined) to.tolerated = (std::min(3, s_.cluster.brokers) - 1) / 2;
    for (const auto& topic : s_.topics) {
      const auto min_isr = topic.config.find("min.insync.replicas");
      const auto least =
          min_isr == topic.config.end() ? 1 : parse_integer(min_isr->second).value_or(1);
      to.tolerated = std::min(to.tolerated, topic.replication - static_cast<int>(least));
      if (topic.replication < 2) continue;
      to.followers = std::max(to.followers, topic.replication - 1);
      for (int p = 0; p < topic.partitions; ++p) to.partitions.push_back({topic.name, p});
    }
    to.tolerated = std::max(to.tolerated, 0);
  }

  bool is_possible(Kind role) const {
    const auto& to = out_.setting;
    const bool of_partition =
        role == Kind::leader || role == Kind::follower || role == Kind::followers;
    if (of_partition && to.partitions.empty()) return false;
    if (to.beyond) return true;
    if (role == Kind::controller && to.controllers > 0) return to.controllers >= 3;
    return (role == Kind::followers ? to.followers : 1) <= to.tolerated;
  }

  void read_roles(const Options& options) {
    static const std::vector<std::pair<std::string, Kind>> roles{{"broker", Kind::broker},
                                                                 {"leader", Kind::leader},
                                                                 {"follower", Kind::follower},
                                                                 {"followers", Kind::followers},
                                                                 {"controller", Kind::controller}};
    std::vector<std::string> names;
    for (const auto& role : roles) names.push_back(role.first);
    const std::string wanted = options.has("targets") ? options.text("targets") : "";
    for (const auto& name : list_of(wanted)) {
      if (std::find(names.begin(), names.end(), name) == names.end())
        report(place_of(node_, "targets"),
               "targets: unknown '" + name + "'" + did_you_mean(name, names));
    }
    const auto asked = list_of(wanted);
    for (const auto& [name, role] : roles) {
      const bool is_asked = std::find(asked.begin(), asked.end(), name) != asked.end();
      if (is_asked && !is_possible(role)) {
        report(place_of(node_, "targets"),
               "targets: " + name +
                   " is more than these topics and controllers tolerate: say "
                   "`within: beyond`, or raise replication");
      }
      if ((wanted.empty() || is_asked) && is_possible(role)) out_.setting.roles.push_back(role);
    }
    const bool on_nodes = std::any_of(out_.setting.faults.begin(), out_.setting.faults.end(),
                                      [](const auto& fault) { return fault.acts_on_nodes; });
    if (on_nodes && out_.setting.roles.empty() && wanted.empty())
      report(node_.place,
             "nothing may break: no topic has a replica more than it waits for; say "
             "`within: beyond`, or raise replication");
  }

  // Of [broker, leader].
  static std::vector<std::string> list_of(std::string_view text) {
    std::vector<std::string> out;
    if (text.starts_with('[')) text = text.substr(1, text.size() - 2);
    while (!text.empty()) {
      out.emplace_back(text.substr(0, text.find(", ")));
      text.remove_prefix(std::min(out.back().size() + 2, text.size()));
    }
    return out;
  }

  void report(Place place, const std::string& message) {
    context_.problems.add(place, "chaos: " + message);
  }

  const Node node_;
  const FaultSetting& s_;
  ReadContext& context_;
  ChaosRead out_;
};

}  // namespace

std::optional<ChaosRead> read_chaos(const Node& chaos, const FaultSetting& setting,
                                    ReadContext& context) {
  if (chaos.kind == Node::Kind::null) return std::nullopt;
  return ChaosReader(chaos, setting, context).read();
}

std::vector<FaultPlan> draw_chaos(const ChaosRead& chaos, chaos::Seen& seen,
                                  std::uint64_t trial_seed) {
  std::vector<FaultPlan> out;
  for (const auto& drawn : chaos::draw(chaos.setting, seen, derive_seed(trial_seed, 0))) {
    FaultPlan plan;
    plan.action = drawn.fault;
    plan.options = chaos.options.at(drawn.fault);
    plan.target = drawn.target;
    if (drawn.target.kind == Kind::broker) plan.drawn = {drawn.target.node};
    plan.trigger.at = drawn.at;
    plan.heal_after = drawn.heal_after;
    out.push_back(std::move(plan));
  }
  return out;
}

}  // namespace seatrial::scenario
