// Prints plans. Trials of one variant share all but seed and draws, so a variant is told once.
#include "scenario/plan_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "client/workload.hpp"
#include "core/counted.hpp"
#include "core/registry.hpp"
#include "core/units.hpp"
#include "scenario/expectation.hpp"
#include "scenario/needs.hpp"

namespace seatrial::scenario {
namespace {

using nlohmann::json;

std::string file_name(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

// Warnings open with the path as it was given; the plan must not depend on where it was given.
std::string without_folder(const Plan& plan, const std::string& warning) {
  return warning.starts_with(plan.path) ? file_name(plan.path) + warning.substr(plan.path.size())
                                        : warning;
}

std::string cluster_text(const ClusterSpec& c) {
  if (c.kind == "external") {
    return fmt::format(
        "external, at {}, {} brokers or more{}\n  names     topics and groups begin "
        "with seatrial-RUN-TRIAL-, and are removed when the trial has ended",
        c.bootstrap, c.brokers,
        c.properties_file.empty() ? std::string(", plaintext")
                                  : ", connected as " + c.properties_file + " says");
  }
  const auto voters = c.combined ? fmt::format("{} of them voting", c.controllers)
                                 : fmt::format("{} controller{}", c.controllers,
                                               c.controllers == 1 ? "" : "s");
  const auto cpus = c.cpus > 0 ? fmt::format(", {} cores each", c.cpus) : std::string();
  const auto racks =
      c.racks.empty() ? std::string() : fmt::format(", racks {}", fmt::join(c.racks, " "));
  const auto dirs = c.log_dirs > 1 ? fmt::format(", {} log dirs each", c.log_dirs) : std::string();
  std::string features;
  for (const auto& [name, level] : c.features) features += fmt::format(", {} {}", name, level);
  return fmt::format("{}, Kafka {}, {} broker{} and {}, {} timeouts, heap {}{}{}{}{}", c.kind,
                     c.version, c.brokers, c.brokers == 1 ? "" : "s", voters,
                     c.fast_timeouts ? "fast" : "Kafka's default", c.heap, cpus, dirs, racks,
                     features);
}

std::string properties_text(const Plan& plan,
                            const std::map<std::string, std::string>& properties) {
  std::string out;
  for (const auto& [name, value] : properties) {
    out += fmt::format("{}{}={}", out.empty() ? "" : " ", name, redact(plan, value));
  }
  return out;
}

std::string options_text(const Plan& plan, const Options& options) {
  std::string out;
  for (const auto& [name, value] : options.all()) {
    if (value.is_map && value.entries.empty()) continue;
    const auto text = value.is_map ? "{" + properties_text(plan, value.entries) + "}" : value.text;
    out += fmt::format("{}{}={}", out.empty() ? "" : " ", name, text);
  }
  return out;
}

std::string nodes_text(const std::vector<NodeId>& nodes) {
  std::string out;
  for (const auto node : nodes) out += (out.empty() ? "" : " ") + std::to_string(node.value);
  return out;
}

std::string needs_text(const Needs& needs) {
  return fmt::format("{}, {} of memory, disk {}, client queues at most {}, about {}",
                     counted(static_cast<std::uint64_t>(needs.processes), "process", "processes"),
                     format_bytes(needs.memory_bytes),
                     needs.disk_bytes ? format_bytes(*needs.disk_bytes)
                                      : std::string("as much as a closed loop writes"),
                     format_bytes(needs.client_queue_bytes), format_duration(needs.expected));
}

// Where the rate changes over time, the messages that fall due are not the rate times the time.
struct Offered {
  double warmup = 0;
  double measure = 0;
};

std::optional<Offered> changing_offer(const TrialPlan& trial, const WorkloadPlan& plan) {
  const auto* plugin = Registry<Workload>::instance().find(plan.kind);
  if (plugin == nullptr) return std::nullopt;
  const auto workload = plugin->make(plan.options);
  const auto& p = trial.phases;
  const nanoseconds warmup = p.warmup.at_least;
  const Offered out{.warmup = workload->offered_messages(warmup),
                    .measure = workload->offered_messages(warmup + p.measure) -
                               workload->offered_messages(warmup)};
  const double rate = workload->offered_rate();
  const auto even = [&](double messages, nanoseconds span) {
    return std::abs(messages - rate * to_seconds(span)) < 1;
  };
  if (even(out.warmup, warmup) && even(out.measure, p.measure)) return std::nullopt;
  return out;
}

std::string offer_text(const TrialPlan& trial, const WorkloadPlan& plan) {
  const auto offer = changing_offer(trial, plan);
  if (!offer) return "";
  const auto count = [](double n) { return format_count(static_cast<std::uint64_t>(n)); };
  const bool fixed = trial.phases.warmup.at_least == trial.phases.warmup.at_most;
  return fmt::format("            {} messages fall due in warmup, {} in measure{}\n",
                     count(offer->warmup), count(offer->measure),
                     fixed ? "" : "; others if warmup takes longer than at least");
}

std::string warmup_text(const WarmupPlan& warmup) {
  const std::string least = format_duration(warmup.at_least);
  if (warmup.at_least == warmup.at_most) return least;
  return "until steady, " + least + " to " + format_duration(warmup.at_most);
}

std::string variant_text(const Plan& plan, const TrialPlan& trial) {
  auto out =
      fmt::format("\nvariant {}\n  cluster   {}\n", trial.variant, cluster_text(trial.cluster));
  if (!trial.cluster.config.empty()) {
    out += fmt::format("            {}\n", properties_text(plan, trial.cluster.config));
  }
  for (const auto& [name, value] : trial.cluster.quotas) {
    out +=
        fmt::format("            quota of each client on each broker: {} {:.10g}\n", name, value);
  }
  for (const auto& topic : trial.topics) {
    out += fmt::format("  topic     {}: {} partition{}, replication {}{}{}\n", topic.name,
                       topic.partitions, topic.partitions == 1 ? "" : "s", topic.replication,
                       topic.config.empty() ? "" : ", ", properties_text(plan, topic.config));
  }
  for (const auto& workload : trial.workloads) {
    const auto& library = workload.client_library;
    out += fmt::format("  workload  {} ({}{}): {}\n", workload.name, workload.kind,
                       library.empty() ? "" : " with librdkafka " + library,
                       options_text(plan, workload.options));
    out += offer_text(trial, workload);
  }
  const auto& p = trial.phases;
  out +=
      fmt::format("  phases    warmup {}, measure {}; at most: settle {}, recover {}, audit {}\n",
                  warmup_text(p.warmup), format_duration(p.measure), format_duration(p.settle),
                  format_duration(p.recover), format_duration(p.audit));
  if (trial.full_history) out += "  history   full\n";
  if (!trial.allowed_in_broker_logs.empty()) {
    out += "  allowed   in brokers' logs:";
    for (const auto& line : trial.allowed_in_broker_logs) out += " '" + line + "'";
    out += "\n";
  }
  return out + fmt::format("  needs     {}\n", needs_text(needs_of(trial)));
}

std::string trial_text(const TrialPlan& trial) {
  auto out = fmt::format("\ntrial {}: {}, repeat {}, seed {}\n", trial.index, trial.variant,
                         trial.repeat, trial.seed);
  for (const auto& fault : trial.timeline) out += "  " + describe(fault) + "\n";
  if (!trial.chaos) return out;
  if (trial.timeline.empty()) out += "  nothing was drawn\n";
  out += trial.chaos->beyond ? "  drawn beyond what replication tolerates"
                             : "  drawn within what replication tolerates";
  std::string spans;
  for (const auto& [from, to] : trial.chaos->demanding)
    spans += (spans.empty() ? "" : ", ") + format_duration(from) + " to " + format_duration(to);
  return out + "; acks are demanded " + (spans.empty() ? "never" : "from " + spans) + "\n";
}

// What a fault that administers does, and to what: its options say that.
std::string administered(const Options& options) {
  std::string out;
  for (const auto& [name, value] : options.all()) {
    if (!value.is_map && name != "patience") out += " " + name + "=" + value.text;
  }
  return out;
}

std::string where_text(const Expectation& expectation) {
  std::string out;
  for (const auto& [axis, values] : expectation.where) {
    out += (out.empty() ? " where " : " ") + axis + "=";
    for (std::size_t i = 0; i < values.size(); ++i) out += (i == 0 ? "" : "|") + values[i];
  }
  return out;
}

json properties_json(const Plan& plan, const std::map<std::string, std::string>& properties) {
  json out = json::object();
  for (const auto& [name, value] : properties) out[name] = redact(plan, value);
  return out;
}

json options_json(const Plan& plan, const Options& options) {
  json out = json::object();
  for (const auto& [name, value] : options.all()) {
    out[name] = value.is_map ? properties_json(plan, value.entries) : json(value.text);
  }
  return out;
}

json fault_json(const Plan& plan, const FaultPlan& fault) {
  json out{{"fault", fault.action},
           {"target", to_string(fault.target)},
           {"options", options_json(plan, fault.options)}};
  if (fault.trigger.at) out["at_ns"] = fault.trigger.at->count();
  if (fault.trigger.after_acked) out["after_acked"] = *fault.trigger.after_acked;
  if (fault.trigger.when) {
    out[names_fault(fault.trigger.when->kind) ? "after" : "when"] = to_string(*fault.trigger.when);
  }
  if (fault.trigger.delay.count() > 0) out["delay_ns"] = fault.trigger.delay.count();
  if (!fault.name.empty()) out["name"] = fault.name;
  if (fault.heal_after) out["heal_after_ns"] = fault.heal_after->count();
  if (!fault.drawn.empty() && fault.target.kind != Target::Kind::member) {
    out["drawn"] = json::array();
    for (const auto node : fault.drawn) out["drawn"].push_back(node.value);
  }
  return out;
}

std::vector<std::string> user_names(const ClusterSpec& cluster) {
  std::vector<std::string> out;
  for (const auto& [name, password] : cluster.users) out.push_back(name);
  return out;
}

json cluster_json(const Plan& plan, const ClusterSpec& c) {
  return {{"kind", c.kind},
          {"version", c.version},
          {"brokers", c.brokers},
          {"controllers", c.controllers},
          {"combined", c.combined},
          {"timeouts", c.fast_timeouts ? "fast" : "kafka-defaults"},
          {"heap", c.heap},
          {"data", c.data},
          {"broker_metrics", c.broker_metrics},
          {"gear", to_string(c.gear)},
          {"config", properties_json(plan, c.config)},
          {"quotas", c.quotas},
          {"users", user_names(c)},
          {"features", c.features},
          {"racks", c.racks},
          {"log_dirs", c.log_dirs},
          {"start_budget_ns", c.start_budget.count()}};
}

json needs_json(const Needs& needs) {
  json out{{"processes", needs.processes},
           {"memory_bytes", needs.memory_bytes},
           {"client_queue_bytes", needs.client_queue_bytes},
           {"expected_ns", needs.expected.count()}};
  if (needs.disk_bytes) out["disk_bytes"] = *needs.disk_bytes;
  return out;
}

json trial_json(const Plan& plan, const TrialPlan& trial) {
  json out{{"index", trial.index}, {"variant", trial.variant}, {"axes", trial.axes},
           {"repeat", trial.repeat}, {"seed", trial.seed},
           {"cluster", cluster_json(plan, trial.cluster)},
           {"needs", needs_json(needs_of(trial))}};
  out["topics"] = json::array();
  for (const auto& topic : trial.topics) {
    out["topics"].push_back({{"name", topic.name},
                             {"partitions", topic.partitions},
                             {"replication", topic.replication},
                             {"config", properties_json(plan, topic.config)}});
  }
  out["workloads"] = json::array();
  for (const auto& workload : trial.workloads) {
    out["workloads"].push_back({{"name", workload.name},
                                {"kind", workload.kind},
                                {"options", options_json(plan, workload.options)}});
    if (!workload.client_library.empty())
      out["workloads"].back()["client_library"] = workload.client_library;
    if (const auto offer = changing_offer(trial, workload)) {
      out["workloads"].back()["offered"] = {{"warmup", offer->warmup}, {"measure", offer->measure}};
    }
  }
  out["timeline"] = json::array();
  for (const auto& fault : trial.timeline) out["timeline"].push_back(fault_json(plan, fault));
  if (trial.chaos) {
    out["chaos"] = {{"within", trial.chaos->beyond ? "beyond" : "tolerated"},
                    {"demanding_ns", json::array()}};
    for (const auto& [from, to] : trial.chaos->demanding)
      out["chaos"]["demanding_ns"].push_back({from.count(), to.count()});
  }
  const auto& p = trial.phases;
  out["phases"] = {{"warmup_at_least_ns", p.warmup.at_least.count()},
                   {"warmup_at_most_ns", p.warmup.at_most.count()},
                   {"measure_ns", p.measure.count()},
                   {"settle_ns", p.settle.count()},
                   {"recover_ns", p.recover.count()},
                   {"audit_ns", p.audit.count()}};
  if (trial.full_history) out["history"] = "full";
  if (!trial.allowed_in_broker_logs.empty())
    out["allow_in_broker_logs"] = trial.allowed_in_broker_logs;
  return out;
}

json expectation_json(const Expectation& e) {
  json out{{"that", e.text}, {"over", to_string(e.over)}, {"where", e.where}};
  if (e.control) out["control"] = true;
  if (e.outside_faults) out["outside"] = "faults";
  return out;
}

}  // namespace

std::string describe(const FaultPlan& fault) {
  auto out = fault.action + " " + to_string(fault.target);
  if (fault.target.kind == Target::Kind::cluster) out = fault.action + administered(fault.options);
  const auto kind = fault.target.kind;
  if (!fault.drawn.empty() && kind != Target::Kind::broker && kind != Target::Kind::member) {
    out += " (broker" + std::string(fault.drawn.size() == 1 ? " " : "s ") +
           nodes_text(fault.drawn) + ")";
  }
  out += " " + describe(fault.trigger);
  if (!fault.name.empty()) out += " (" + fault.name + ")";
  return out + (fault.heal_after ? ", healed after " + format_duration(*fault.heal_after)
                                 : std::string(", healed when measure ends"));
}

std::string plan_to_text(const Plan& plan) {
  auto out = plan.name + (plan.title.empty() ? "" : ": " + plan.title) + "\n";
  if (!plan.hypothesis.empty()) out += "hypothesis: " + plan.hypothesis + "\n";
  std::vector<const TrialPlan*> variants;
  for (const auto& trial : plan.trials) {
    if (trial.repeat == 0) variants.push_back(&trial);
  }
  out += fmt::format("{}, seed {}: {} trial{} of {} variant{}, about {} in all\n",
                     file_name(plan.path), plan.seed, plan.trials.size(),
                     plan.trials.size() == 1 ? "" : "s", variants.size(),
                     variants.size() == 1 ? "" : "s", format_duration(expected_duration(plan)));
  for (const auto* trial : variants) out += variant_text(plan, *trial);
  for (const auto& trial : plan.trials) out += trial_text(trial);
  if (!plan.expectations.empty()) out += "\nexpect\n";
  for (const auto& e : plan.expectations) {
    out += fmt::format("  {}{}{}{}{}\n", e.control ? "control " : "", e.text, where_text(e),
                       e.outside_faults ? ", outside faults" : "",
                       e.over == Over::each ? "" : ", over " + to_string(e.over));
  }
  for (const auto& warning : plan.warnings) {
    out += "\nwarning: " + without_folder(plan, warning);
  }
  return plan.warnings.empty() ? out : out + "\n";
}

json plan_to_json(const Plan& plan) {
  json out{{"schema", "seatrial.plan/1"},
           {"name", plan.name},
           {"title", plan.title},
           {"hypothesis", plan.hypothesis},
           {"file", file_name(plan.path)},
           {"seed", plan.seed},
           {"axes", plan.axes},
           {"settings", plan.settings},
           {"expected_ns", expected_duration(plan).count()}};
  out["trials"] = json::array();
  for (const auto& trial : plan.trials) out["trials"].push_back(trial_json(plan, trial));
  out["expectations"] = json::array();
  for (const auto& e : plan.expectations) out["expectations"].push_back(expectation_json(e));
  out["warnings"] = json::array();
  for (const auto& warning : plan.warnings)
    out["warnings"].push_back(without_folder(plan, warning));
  return out;
}

}  // namespace seatrial::scenario
