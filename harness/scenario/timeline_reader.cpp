// Reads `timeline:` and draws its nodes.
#include <algorithm>

#include "core/fault.hpp"
#include "core/registry.hpp"
#include "core/suggest.hpp"
#include "scenario/draw.hpp"
#include "scenario/readers.hpp"
#include "scenario/sections.hpp"
#include "scenario/tables.hpp"

namespace seatrial::scenario {
namespace {

using Kind = Target::Kind;

bool names_partition(const Target& target) {
  return target.kind == Kind::leader || target.kind == Kind::follower ||
         target.kind == Kind::followers;
}

std::string complete(const Error& error) {
  return error.hint.empty() ? error.message : error.message + "; " + error.hint;
}

class FaultReader {
 public:
  FaultReader(const Node& node, const FaultSetting& setting, ReadContext& context)
      : node_(node), setting_(setting), context_(context) {}

  std::optional<FaultRead> read() {
    if (!node_.is_map()) {
      report(node_.place, "each entry must be a map such as {at: 10s, fault: kill, target: one}");
      return std::nullopt;
    }
    const auto* plugin = find_fault();
    auto keys = timeline_keys();
    if (plugin != nullptr) keys.insert(keys.end(), plugin->options.begin(), plugin->options.end());
    Problems own;
    const auto options = read_section(node_, keys, "timeline", own);
    const bool sound = own.empty();
    context_.problems.add_all(own);
    FaultRead out;
    out.place = node_.place;
    read_trigger(options, out);
    if (!options.has("target") || !read_target(options.text("target"), out.plan.target)) {
      return std::nullopt;
    }
    if (plugin == nullptr || !sound || !node_.resolved()) return std::nullopt;
    out.plan.action = plugin->name;
    out.plan.options = only(options, plugin->options);
    out.network = plugin->make(out.plan.options)->network_use();
    check_network(*plugin, out);
    if (out.plan.target.kind == Kind::member) {
      out.plan.drawn = {member_};
      if (out.plan.trigger.at) check_present(*out.plan.trigger.at, out.plan.target);
    } else {
      warn_of_early_heal(*plugin, out.plan);
    }
    return out;
  }

 private:
  const Plugin<Fault>* find_fault() {
    const auto* entry = node_.find("fault");
    if (entry == nullptr || !entry->value.is_scalar() || entry->value.unresolved) return nullptr;
    const auto& registry = Registry<Fault>::instance();
    const auto* plugin = registry.find(entry->value.text);
    if (plugin != nullptr) return plugin;
    auto hint = did_you_mean(entry->value.text, registry.names());
    if (hint.empty()) {
      for (const auto& name : registry.names()) {
        hint += (hint.empty() ? "; there are " : ", ") + name;
      }
    }
    report(entry->value.place, "unknown fault '" + entry->value.text + "'" + hint);
    return nullptr;
  }

  void read_trigger(const Options& options, FaultRead& out) {
    auto& plan = out.plan;
    if (options.has("heal_after")) plan.heal_after = options.duration("heal_after");
    const bool at = node_.find("at") != nullptr, after = node_.find("after") != nullptr;
    if (at == after) {
      return report(node_.place, at ? "an entry has either 'at' or 'after', not both"
                                    : "missing key 'at' (10s) or 'after' (50000 acked)");
    }
    if (options.has("after")) plan.trigger.after_acked = acked_count(options.text("after"));
    if (!options.has("at")) return;
    const auto start = options.duration("at");
    const auto end = setting_.phases.measure;
    plan.trigger.at = start;
    if (start >= end) {
      return report(place_of(node_, "at"), "at: " + options.text("at") +
                                               " is not within measure, which lasts " +
                                               format_duration(end));
    }
    out.until = end;
    if (!plan.heal_after) return;
    // Compared as a difference: the sum might not fit.
    if (*plan.heal_after > end - start) {
      context_.warnings.add(place_of(node_, "heal_after"),
                            "measure ends before heal_after has passed: the fault is healed then");
    } else {
      out.until = start + *plan.heal_after;
    }
  }

  bool read_target(const std::string& text, Target& target) {
    const auto place = place_of(node_, "target");
    const auto parsed = parse_target(text);
    if (!parsed) {
      report(place, complete(parsed.error()));
      return false;
    }
    target = *parsed;
    if (target.kind == Kind::member) return find_member(place, text, target);
    check_capability(place);
    const int brokers = setting_.cluster.brokers;
    if (target.kind == Kind::broker && (target.node.value < 1 || target.node.value > brokers)) {
      report(place, text + " does not exist: brokers are 1 to " + std::to_string(brokers));
      return false;
    }
    if (target.kind == Kind::minority && drawn_count(target, brokers) == 0) {
      report(place, "a minority of " + std::to_string(brokers) + " brokers is nobody");
      return false;
    }
    return !names_partition(target) || check_partition(place, text, target);
  }

  // The member's node. Without a workload's name there must be one workload that has members.
  bool find_member(Place place, const std::string& text, const Target& target) {
    std::vector<std::string> names;
    const WorkloadRead* whose = nullptr;
    for (const auto& workload : setting_.workloads) {
      if (!workload.produces) return false;  // its own problem is told, and the rest unknown
      if (workload.members.empty()) continue;
      names.push_back(workload.plan.name);
      if (target.workload.empty() || target.workload == workload.plan.name) whose = &workload;
    }
    const auto refuse = [&](const std::string& why) {
      report(place, "target '" + text + "': " + why);
      return false;
    };
    if (names.empty())
      return refuse("no workload has members in processes of their own: use kind group");
    if (whose == nullptr) {
      return refuse("'" + target.workload + "' is no workload with members" +
                    did_you_mean(target.workload, names));
    }
    if (target.workload.empty() && names.size() > 1) {
      return refuse("several workloads have members: write member(" + names.front() + "/" +
                    std::to_string(target.member) + ")");
    }
    const int members = static_cast<int>(whose->members.size());
    if (target.member > members) {
      return refuse("members of '" + whose->plan.name + "' are 1 to " + std::to_string(members));
    }
    span_ = whose->members[static_cast<std::size_t>(target.member - 1)];
    const auto index = static_cast<std::size_t>(whose - setting_.workloads.data());
    member_ = member_node(index, target.member);
    return true;
  }

  // A member that is not there at that time is none that a fault could act on.
  void check_present(nanoseconds at, const Target& target) {
    const auto refuse = [&](const char* what, nanoseconds when) {
      report(place_of(node_, "target"), to_string(target) + " " + what + " at " +
                                            format_duration(when) + ": it is not there at " +
                                            format_duration(at));
    };
    if (span_.joins && at < *span_.joins) refuse("joins", *span_.joins);
    if (span_.leaves && at >= *span_.leaves) refuse("leaves", *span_.leaves);
  }

  bool check_partition(Place place, const std::string& text, const Target& target) {
    std::vector<std::string> names;
    for (const auto& topic : setting_.topics) names.push_back(topic.name);
    const auto topic = std::find_if(setting_.topics.begin(), setting_.topics.end(),
                                    [&](const auto& t) { return t.name == target.where.topic; });
    if (topic == setting_.topics.end()) {
      report(place, "target '" + text + "': topic '" + target.where.topic +
                        "' is not declared under topics" + did_you_mean(target.where.topic, names));
      return false;
    }
    if (target.where.partition >= topic->partitions) {
      report(place, "target '" + text + "': topic '" + topic->name + "' has partitions 0 to " +
                        std::to_string(topic->partitions - 1));
      return false;
    }
    if (target.kind != Kind::leader && topic->replication < 2) {
      report(place, "target '" + text + "': topic '" + topic->name +
                        "' has replication 1, hence no followers");
      return false;
    }
    return true;
  }

  void check_capability(Place place) {
    const auto* kind = ClusterKinds::instance().find(setting_.cluster.kind);
    if (kind == nullptr || kind->has_processes) return;  // auto takes only kinds with processes
    report(place, "cluster kind '" + kind->name +
                      "' has no broker processes to act on; use kind: " +
                      kinds_with(&ClusterKind::has_processes));
  }

  static std::string kinds_with(bool ClusterKind::*ability) {
    std::string able;
    for (const auto& other : ClusterKinds::instance().all()) {
      if (other.*ability) able += (able.empty() ? "" : " or ") + other.name;
    }
    return able.empty() ? "auto" : able;
  }

  void check_network(const Plugin<Fault>& plugin, const FaultRead& fault) {
    if (fault.network == Fault::NetworkUse::none) return;
    const auto refuse = [&](const std::string& why) {
      report(place_of(node_, "fault"), plugin.name + ": " + why);
    };
    if (fault.plan.target.kind == Kind::member) {
      return refuse("acts on brokers and controllers; give one of these as its target");
    }
    const auto* kind = ClusterKinds::instance().find(setting_.cluster.kind);
    if (kind != nullptr && kind->has_processes && !kind->has_network) {
      refuse("no proxy can be put before a cluster of kind '" + kind->name +
             "'; use kind: " + kinds_with(&ClusterKind::has_network));
    }
    if (fault.network == Fault::NetworkUse::requests &&
        setting_.cluster.client_protocol.ends_with("ssl")) {
      refuse("clients connect by " + setting_.cluster.client_protocol +
             ", whose requests the proxy cannot read; use plaintext or sasl_plaintext");
    }
  }

  // A follower that is away for a moment is a fault of its own; of the others, one expects a
  // failover.
  void warn_of_early_heal(const Plugin<Fault>& plugin, const FaultPlan& plan) {
    if (!plan.heal_after || plan.target.kind == Kind::follower ||
        plan.target.kind == Kind::followers || !plugin.make(plan.options)->silences_node()) {
      return;
    }
    nanoseconds session = setting_.cluster.fast_timeouts ? seconds(3) : seconds(9);
    const auto own = setting_.cluster.config.find("broker.session.timeout.ms");
    if (own != setting_.cluster.config.end()) {
      if (const auto ms = parse_integer(own->second); ms && *ms > 0 && *ms < 86'400'000) {
        session = milliseconds(*ms);
      }
    }
    if (*plan.heal_after >= session) return;
    context_.warnings.add(place_of(node_, "heal_after"),
                          plan.action + " of " + to_string(plan.target) + " is healed after " +
                              format_duration(*plan.heal_after) +
                              ", before the broker's session ends (" + format_duration(session) +
                              "): leaders may never move");
  }

  void report(Place place, const std::string& message) {
    context_.problems.add(place, "timeline: " + message);
  }

  const Node& node_;
  const FaultSetting& setting_;
  ReadContext& context_;
  NodeId member_;  // of target member(n)
  MemberSpan span_;
};

bool same_time(const FaultRead& a, const FaultRead& b) {
  if (!a.plan.trigger.at || !b.plan.trigger.at) return false;  // acks come when they come
  return *a.plan.trigger.at < *b.until && *b.plan.trigger.at < *a.until;
}

// Whether both surely hold one node, as far as that is known without a cluster.
std::string shared_node(const FaultPlan& a, const FaultPlan& b, int brokers) {
  if (a.target == b.target) return to_string(a.target);
  const auto within = [&](const FaultPlan& one, const FaultPlan& other) {
    const bool everybody =
        static_cast<int>(one.drawn.size()) == brokers && one.target.kind != Kind::member;
    return (everybody && names_partition(other.target)) ||
           (one.target.kind == Kind::follower && other.target.kind == Kind::followers &&
            one.target.where == other.target.where);
  };
  if (within(a, b)) return to_string(b.target);
  if (within(b, a)) return to_string(a.target);
  for (const auto node : a.drawn) {
    if (std::find(b.drawn.begin(), b.drawn.end(), node) != b.drawn.end()) {
      return is_member(node) ? node_text(node) : "broker " + std::to_string(node.value);
    }
  }
  return {};
}

}  // namespace

std::vector<FaultRead> read_timeline(const Node& timeline, const FaultSetting& setting,
                                     ReadContext& context) {
  std::vector<FaultRead> out;
  if (timeline.kind == Node::Kind::null) return out;
  if (timeline.kind != Node::Kind::sequence) {
    context.problems.add(timeline.place,
                         "timeline must be a list, not " + std::string(kind_name(timeline)));
    return out;
  }
  for (std::size_t i = 0; i < timeline.items.size(); ++i) {
    auto fault = FaultReader(timeline.items[i], setting, context).read();
    if (!fault) continue;
    fault->position = i;
    out.push_back(std::move(*fault));
  }
  std::stable_sort(out.begin(), out.end(), [](const FaultRead& a, const FaultRead& b) {
    const auto& x = a.plan.trigger.at;
    const auto& y = b.plan.trigger.at;
    return x && (!y || *x < *y);
  });
  return out;
}

std::vector<FaultPlan> draw_timeline(const std::vector<FaultRead>& faults, int brokers,
                                     std::uint64_t trial_seed, Problems& problems) {
  std::vector<FaultPlan> out;
  for (const auto& fault : faults) {
    out.push_back(fault.plan);
    if (fault.plan.target.kind == Kind::member) continue;  // fixed by the plan's numbers
    out.back().drawn =
        draw_nodes(fault.plan.target, brokers, derive_seed(trial_seed, fault.position));
  }
  for (std::size_t i = 0; i < faults.size(); ++i) {
    for (std::size_t j = i + 1; j < faults.size(); ++j) {
      if (!same_time(faults[i], faults[j])) continue;
      const auto shared = shared_node(out[i], out[j], brokers);
      if (shared.empty()) continue;
      const bool in_order = faults[i].position < faults[j].position;
      const auto& first = in_order ? faults[i] : faults[j];
      const auto& second = in_order ? faults[j] : faults[i];
      problems.add(second.place, "timeline: " + second.plan.action + " overlaps the " +
                                     first.plan.action + " of line " +
                                     std::to_string(first.place.line) + " on " + shared +
                                     ": heal that one first, or aim elsewhere");
    }
  }
  return out;
}

}  // namespace seatrial::scenario
