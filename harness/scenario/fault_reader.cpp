// Reads one entry of `timeline:`.
#include "scenario/fault_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "core/check.hpp"
#include "core/fault.hpp"
#include "core/registry.hpp"
#include "core/suggest.hpp"
#include "scenario/draw.hpp"
#include "scenario/sections.hpp"
#include "scenario/tables.hpp"

namespace seatrial::scenario {
namespace {

constexpr int most_repetitions = 1000;

bool names_partition(Target::Kind kind) {
  return kind == Target::Kind::leader || kind == Target::Kind::follower ||
         kind == Target::Kind::followers;
}

using Kind = Target::Kind;

std::string complete(const Error& error) {
  return error.hint.empty() ? error.message : error.message + "; " + error.hint;
}

template <typename Able>
std::string kinds_with(const Able& able_to) {
  std::string able;
  for (const auto& other : ClusterKinds::instance().all()) {
    if (std::invoke(able_to, other)) able += (able.empty() ? "" : " or ") + other.name;
  }
  return able.empty() ? "auto" : able;
}

bool is_kafkas_own(std::string_view topic) { return topic.starts_with("__"); }

// Empty: the topic is declared, and has that partition.
std::string missing_topic(const TopicPartition& where, const std::vector<TopicPlan>& topics) {
  const auto topic = std::ranges::find(topics, where.topic, &TopicPlan::name);
  if (topic == topics.end()) {
    std::vector<std::string> names;
    for (const auto& each : topics) names.push_back(each.name);
    return "topic '" + where.topic + "' is not declared under topics" +
           did_you_mean(where.topic, names);
  }
  if (where.partition < topic->partitions) return {};
  return "topic '" + topic->name + "' has partitions 0 to " + std::to_string(topic->partitions - 1);
}

class FaultReader {
 public:
  FaultReader(const Node& node, const std::string& previous, const FaultSetting& setting,
              ReadContext& context)
      : node_(with_list_as_text(node, "target")),
        previous_(previous),
        setting_(setting),
        context_(context) {}

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
    if (options.has("name")) out.plan.name = options.text("name");
    read_trigger(options, out);
    const bool known = plugin != nullptr && sound && node_.resolved();
    if (known)
      out.plan.options = as_kafka_takes(node_, *plugin, only(options, plugin->options),
                                        setting_.cluster, context_);
    const auto fault = known ? made(*plugin, out.plan.options) : nullptr;
    if (!read_target(options, fault.get(), out.plan.target) || !fault) return std::nullopt;
    out.plan.action = plugin->name;
    out.needs = fault->needs();
    check_gear(*plugin, out);
    check_needs(*plugin, out);
    check_topic(out.needs);
    if (out.plan.target.kind == Kind::rack) out.plan.drawn = brokers_of_rack(out.plan.target.name);
    if (out.plan.target.kind == Kind::member) {
      out.plan.drawn = {member_};
      if (out.plan.trigger.at) check_present(*out.plan.trigger.at, out.plan.target);
    } else {
      warn_of_early_heal(*plugin, out.plan);
    }
    return out;
  }

 private:
  // Null: its options do not go together, which is told.
  std::unique_ptr<Fault> made(const Plugin<Fault>& plugin, const Options& options) {
    try {
      return plugin.make(options);
    } catch (const UsageError& error) {
      // One that begins with an option's name is shown at its value.
      const std::string what = error.what();
      report(place_of(node_, what.substr(0, what.find(':'))), plugin.name + ": " + what);
      return nullptr;
    }
  }

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

  // Which of the four ways to say when; `at` may say when `every` begins.
  bool has_one_trigger() {
    std::vector<std::string> given;
    for (const char* key : {"at", "after", "when", "every"}) {
      if (node_.find(key) != nullptr) given.emplace_back(key);
    }
    const bool begins = given == std::vector<std::string>{"at", "every"};
    if (given.size() == 1 || begins) return true;
    if (given.empty() && !previous_.empty()) return true;
    report(node_.place,
           given.empty()
               ? "missing key 'at' (10s), 'after' (50000 acked), 'when' (isr(orders/0) < "
                 "3) or 'every' (10s)"
               : "an entry has one trigger: '" + given[0] + "' or '" + given[1] + "', not both");
    return false;
  }

  void read_trigger(const Options& options, FaultRead& out) {
    auto& plan = out.plan;
    if (options.has("heal_after")) plan.heal_after = options.duration("heal_after");
    if (options.has("delay")) plan.trigger.delay = options.duration("delay");
    if (!has_one_trigger()) return;
    if (options.has("after")) read_after(options.text("after"), plan.trigger);
    if (options.has("when")) read_when(options.text("when"), plan.trigger);
    if (node_.find("every") != nullptr) return read_every(options, out);
    if (node_.find("jitter") != nullptr)
      report(place_of(node_, "jitter"), "jitter is of 'every', which is not there");
    if (node_.find("at") == nullptr && node_.find("after") == nullptr &&
        node_.find("when") == nullptr) {
      plan.trigger.when =
          Condition{.kind = Condition::Kind::healed, .where = {}, .name = previous_};
    }
    if (options.has("at")) read_at(options.duration("at"), out);
  }

  void read_after(const std::string& text, Trigger& trigger) {
    if (const auto count = acked_count(text); count > 0) trigger.after_acked = count;
    else if (auto fault = parse_after_fault(text)) trigger.when = std::move(*fault);
  }

  void read_when(const std::string& text, Trigger& trigger) {
    auto read = parse_when(text);
    if (!read) return;  // told when the options were checked
    const Place place = place_of(node_, "when");
    if (names_partition(read->kind)) find_topic(place, "'" + text + "'", read->where);
    if (read->kind == Condition::Kind::lag) check_reads(place, read->name);
    trigger.when = std::move(*read);
  }

  void check_reads(Place place, const std::string& name) {
    std::vector<std::string> names;
    for (const auto& workload : setting_.workloads) {
      if (!workload.produces) return;  // its own problem is told, and the rest unknown
      if (*workload.produces) continue;
      names.push_back(workload.plan.name);
      if (workload.plan.options.has("group")) names.push_back(workload.plan.options.text("group"));
    }
    if (std::find(names.begin(), names.end(), name) != names.end()) return;
    report(place, "lag(" + name + "): no workload or group of that name reads" +
                      did_you_mean(name, names));
  }

  void read_at(nanoseconds start, FaultRead& out) {
    auto& plan = out.plan;
    const auto end = setting_.phases.measure;
    plan.trigger.at = start;
    if (start >= end || plan.trigger.delay >= end - start) {
      return report(place_of(node_, "at"),
                    "at: " + format_duration(start) +
                        (plan.trigger.delay.count() > 0 ? " and its delay" : "") +
                        " is not within measure, which lasts " + format_duration(end));
    }
    start += plan.trigger.delay;
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

  // Times are drawn when the trial's seed is known.
  void read_every(const Options& options, FaultRead& out) {
    if (!options.has("every")) return;
    Repetition again{
        .every = options.duration("every"),
        .first = options.has("at") ? options.duration("at") : options.duration("every"),
        .jitter = options.has("jitter") ? options.duration("jitter") : nanoseconds{0},
        .end = setting_.phases.measure};
    const auto refuse = [&](const char* key, const std::string& why) {
      report(place_of(node_, key), "every: " + why);
    };
    if (node_.find("delay") != nullptr) return refuse("delay", "takes no delay: begin `at` later");
    if (!out.plan.name.empty()) return refuse("name", "what happens again and again has no name");
    if (!out.plan.heal_after) return refuse("every", "needs heal_after, or it happens only once");
    if (again.first >= again.end) {
      return refuse("every", "first at " + format_duration(again.first) +
                                 ", which is not within measure, which lasts " +
                                 format_duration(again.end));
    }
    if (again.jitter >= again.every || *out.plan.heal_after >= again.every - again.jitter) {
      return refuse("heal_after", "heal_after and jitter must be shorter together than " +
                                      format_duration(again.every) +
                                      ": it would begin before it was healed");
    }
    if ((again.end - again.first) / again.every >= most_repetitions) {
      return refuse("every",
                    "is more than " + std::to_string(most_repetitions) + " times within measure");
    }
    out.again = again;
    out.plan.trigger.at = again.first;
  }

  // `fault`: null where its options are wrong. Then its target tells, as far as it is given.
  bool read_target(const Options& options, const Fault* fault, Target& target) {
    const bool on_nodes = fault != nullptr
                              ? fault->acts_on_nodes()
                              : !options.has("target") || options.text("target") != "cluster";
    if (!options.has("target")) {
      target.kind = Kind::cluster;
      if (!on_nodes) return check_administered(node_.place);
      if (fault != nullptr && node_.find("target") == nullptr)
        report(node_.place, "missing key 'target' (whom it hits, as in leader(orders/0))");
      return false;
    }
    const auto place = place_of(node_, "target");
    const auto& text = options.text("target");
    const auto parsed = parse_target(text);
    if (!parsed) {
      report(place, complete(parsed.error()));
      return false;
    }
    target = *parsed;
    if ((target.kind == Kind::cluster) == on_nodes) {
      report(place, on_nodes ? "it acts on nodes: target 'cluster' names none"
                             : "it administers the cluster: its target is 'cluster', which may be "
                               "left out, not '" +
                                   text + "'");
      return false;
    }
    if (!on_nodes) return check_administered(place);
    if (target.kind == Kind::link && fault != nullptr && !check_link(place, *fault, target))
      return false;
    return check_target(place, text, target);
  }

  bool check_link(Place place, const Fault& fault, const Target& link) {
    const auto refuse = [&](const std::string& why) {
      report(place, "target '" + to_string(link) + "': " + why);
      return false;
    };
    if (fault.links() == Fault::Links::none)
      return refuse("the fault acts on nodes, not on what they send each other; name a node");
    if (fault.links() == Fault::Links::any) return true;
    if (link.both_ways)
      return refuse("requests go one way, from who asks to who answers: write ->");
    return !has_group(link.of[1]) ||
           refuse("at its right must be the brokers that are asked, one by one");
  }

  void check_topic(const Fault::Needs& needs) {
    const char* key = node_.find("topic") != nullptr ? "topic" : "partition";
    const auto missing = missing_partition(needs, setting_.topics);
    if (!missing.empty()) report(place_of(node_, key), missing);
  }

  bool check_target(Place place, const std::string& text, const Target& target) {
    if (is_group(target.kind)) return true;
    if (target.kind == Kind::set || target.kind == Kind::link) {
      return std::all_of(target.of.begin(), target.of.end(), [&](const Target& one) {
        return check_target(place, to_string(one), one);
      });
    }
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
    if (target.kind == Kind::controller && target.controller > setting_.cluster.controllers) {
      report(place, text + " does not exist: controllers are 1 to " +
                        std::to_string(setting_.cluster.controllers));
      return false;
    }
    if (target.kind == Kind::rack) return check_rack(place, target.name);
    return !names_partition(target.kind) || check_partition(place, text, target);
  }

  bool check_rack(Place place, const std::string& name) {
    const auto& racks = setting_.cluster.racks;
    if (std::find(racks.begin(), racks.end(), name) != racks.end()) return true;
    report(place, "rack(" + name + "): " +
                      (racks.empty() ? "the cluster has no racks: give it some, as in cluster: "
                                       "{racks: [east, west]}"
                                     : "no such rack" + did_you_mean(name, racks)));
    return false;
  }

  std::vector<NodeId> brokers_of_rack(const std::string& name) const {
    const auto& racks = setting_.cluster.racks;
    std::vector<NodeId> out;
    for (int id = 1; id <= setting_.cluster.brokers; ++id) {
      if (racks[static_cast<std::size_t>(id - 1) % racks.size()] == name) out.emplace_back(id);
    }
    return out;
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

  // The topic of a partition that exists, or a problem; `what` opens its sentence.
  const TopicPlan* find_topic(Place place, const std::string& what, const TopicPartition& where) {
    const auto missing = missing_topic(where, setting_.topics);
    if (!missing.empty()) {
      report(place, what + ": " + missing);
      return nullptr;
    }
    return &*std::ranges::find(setting_.topics, where.topic, &TopicPlan::name);
  }

  bool check_partition(Place place, const std::string& text, const Target& target) {
    const auto* topic = find_topic(place, "target '" + text + "'", target.where);
    if (topic == nullptr) return false;
    if (target.kind == Kind::leader) return true;
    if (topic->replication < 2) {
      report(place, "target '" + text + "': topic '" + topic->name +
                        "' has replication 1, hence no followers");
      return false;
    }
    if (target.nth < topic->replication) return true;
    report(place, "target '" + text + "': topic '" + topic->name + "' has " +
                      std::to_string(topic->replication - 1) + " followers");
    return false;
  }

  // The mock answers no requests that administer, and a cluster that others use is not ours to.
  bool check_administered(Place place) {
    const auto* kind = ClusterKinds::instance().find(setting_.cluster.kind);
    if (kind == nullptr || kind->has_processes) return true;  // auto takes no other
    report(place, "cluster kind '" + kind->name + "' is not to be administered; use kind: " +
                      kinds_with(&ClusterKind::has_processes));
    return false;
  }

  void check_capability(Place place) {
    const auto* kind = ClusterKinds::instance().find(setting_.cluster.kind);
    if (kind == nullptr || kind->has_processes) return;  // auto takes only kinds with processes
    report(place, "cluster kind '" + kind->name +
                      "' has no broker processes to act on; use kind: " +
                      kinds_with(&ClusterKind::has_processes));
  }

  void check_gear(const Plugin<Fault>& plugin, const FaultRead& fault) {
    const auto refuse = [&](const std::string& why) {
      report(place_of(node_, "fault"), plugin.name + ": " + why);
    };
    if (fault.needs.gear.empty()) return;
    if (fault.plan.target.kind == Kind::member)
      return refuse("acts on brokers and controllers; give one of these as its target");
    if (const auto why = cannot_be_fitted(fault.needs, setting_.cluster)) refuse(*why);
  }

  void check_needs(const Plugin<Fault>& plugin, const FaultRead& fault) {
    const auto refuse = [&](const char* key, const std::string& why) {
      report(place_of(node_, key), plugin.name + ": " + why);
    };
    const bool too_few_dirs = fault.needs.log_dir > setting_.cluster.log_dirs;
    const auto missing = missing_for(fault.needs, setting_.cluster, setting_.topics);
    if (!missing.empty()) refuse(too_few_dirs ? "log_dir" : "fault", missing);
    if (!too_few_dirs && fault.needs.log_dir > 1 && !setting_.cluster.combined &&
        fault.plan.target.kind == Kind::controller)
      refuse("log_dir", "log_dir: a controller of its own has one");
    if (!fault.needs.members || fault.plan.target.kind == Kind::member) return;
    report(place_of(node_, "target"),
           plugin.name +
               " acts on members of groups: its target is member(1) or the like, of a "
               "workload of kind group or share");
  }

  // A follower that is away for a moment is a fault of its own; of the others, one expects a
  // failover.
  void warn_of_early_heal(const Plugin<Fault>& plugin, const FaultPlan& plan) {
    if (!plan.heal_after || plan.target.kind == Kind::follower ||
        plan.target.kind == Kind::followers || plan.target.kind == Kind::link ||
        !plugin.make(plan.options)->silences_node()) {
      return;
    }
    const nanoseconds session = broker_session(setting_.cluster);
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

  const Node node_;
  const std::string& previous_;
  const FaultSetting& setting_;
  ReadContext& context_;
  NodeId member_;  // of target member(n)
  MemberSpan span_;
};

}  // namespace

nanoseconds broker_session(const ClusterSpec& cluster) {
  const auto own = cluster.config.find("broker.session.timeout.ms");
  if (own != cluster.config.end()) {
    if (const auto ms = parse_integer(own->second); ms && *ms > 0 && *ms < 86'400'000)
      return milliseconds(*ms);
  }
  return cluster.fast_timeouts ? seconds(3) : seconds(9);
}

Options as_kafka_takes(const Node& map, const Plugin<Fault>& plugin, const Options& options,
                       const ClusterSpec& cluster, ReadContext& context) {
  if (map.find("config") == nullptr || !options.has("config")) return options;
  auto raw = options.all();
  read_kafka_properties(map, context.names.of(cluster.version).topic, "topic",
                        raw["config"].entries, context);
  std::vector<OptionProblem> none;
  return Options::check(plugin.options, raw, none);
}

std::string missing_partition(const Fault::Needs& needs, const std::vector<TopicPlan>& topics) {
  if (!needs.of_partition || is_kafkas_own(needs.of_partition->topic)) return {};
  auto where = *needs.of_partition;
  const auto what = "topic '" + (where.partition < 0 ? where.topic : to_string(where)) + "': ";
  where.partition = std::max(where.partition, 0);
  const auto missing = missing_topic(where, topics);
  return missing.empty() ? "" : what + missing;
}

std::string missing_for(const Fault::Needs& needs, const ClusterSpec& cluster,
                        const std::vector<TopicPlan>& topics) {
  if (!needs.topic.empty() && !is_kafkas_own(needs.topic)) {
    if (auto missing = missing_topic({needs.topic, 0}, topics); !missing.empty()) return missing;
  }
  if (needs.log_dir > cluster.log_dirs) {
    return fmt::format("log_dir: brokers have {}: give them more, as in cluster: {{log_dirs: {}}}",
                       cluster.log_dirs == 1 ? "one" : std::to_string(cluster.log_dirs),
                       needs.log_dir);
  }
  for (const NodeId broker : needs.brokers) {
    if (broker.value >= 1 && broker.value <= cluster.brokers) continue;
    return "broker " + std::to_string(broker.value) + " does not exist: brokers are 1 to " +
           std::to_string(cluster.brokers);
  }
  std::vector<std::string> users;
  for (const auto& [user, password] : cluster.users) users.push_back(user);
  if (!needs.user.empty() && std::ranges::find(users, needs.user) == users.end()) {
    return "'" + needs.user + "' is nobody of cluster.users" +
           (users.empty() ? ", where there is nobody" : did_you_mean(needs.user, users));
  }
  if (needs.authorizer && !cluster.config.contains("authorizer.class.name")) {
    return "the brokers ask nobody for rights: set authorizer.class.name in cluster.config, as in "
           "org.apache.kafka.metadata.authorizer.StandardAuthorizer";
  }
  return {};
}

std::optional<std::string> cannot_be_fitted(const Fault::Needs& needs, const ClusterSpec& cluster) {
  const auto* kind = ClusterKinds::instance().find(cluster.kind);
  for (Gear gear : needs.gear) {
    if (kind == nullptr || !kind->has_processes) break;  // refused for that
    if (kind->gear.contains(gear)) continue;
    return "a cluster of kind '" + kind->name + "' will not do: " + missing_words(gear) +
           "; use kind: " +
           kinds_with([gear](const ClusterKind& k) { return k.gear.contains(gear); });
  }
  if (needs.readable_requests && cluster.client_protocol.ends_with("ssl")) {
    return "clients connect by " + cluster.client_protocol +
           ", whose requests the proxy cannot read; use plaintext or sasl_plaintext";
  }
  return std::nullopt;
}

std::optional<FaultRead> read_fault(const Node& entry, const std::string& previous,
                                    const FaultSetting& setting, ReadContext& context) {
  return FaultReader(entry, previous, setting, context).read();
}

}  // namespace seatrial::scenario
