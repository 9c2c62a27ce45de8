// Estimates. The constants were measured on two cores and are rounded up.
#include "scenario/needs.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "client/workload.hpp"
#include "core/registry.hpp"
#include "core/units.hpp"

namespace seatrial::scenario {
namespace {

constexpr std::uint64_t mib = 1ULL << 20;
constexpr std::uint64_t jvm_beside_heap = 160 * mib;  // metaspace, code, threads, buffers
constexpr nanoseconds cluster_up = seconds(8);
constexpr nanoseconds until_steady = seconds(8);
constexpr nanoseconds cluster_down = seconds(2);
constexpr nanoseconds after_measure = seconds(6);     // settling, full ISR, and the audit's start
constexpr double audit_per_second = 300'000;          // messages
constexpr double most_bytes = 18e18;                  // that a count of bytes holds
constexpr double longest_reading = 1e9;               // s: more is said of no trial
// What librdkafka keeps at most, unless it is told otherwise.
constexpr std::uint64_t default_queue_messages = 100'000;
constexpr std::uint64_t default_queue_kib = 1'048'576;
constexpr std::uint64_t default_fetch_kib = 65'536;

std::uint64_t property(const std::map<std::string, std::string>& properties,
                       const std::string& name, std::uint64_t otherwise) {
  const auto it = properties.find(name);
  if (it == properties.end()) return otherwise;
  const auto value = parse_integer(it->second);
  return value && *value > 0 ? static_cast<std::uint64_t>(*value) : otherwise;
}

// 0: without a limit.
double count_of(const WorkloadPlan& plan) {
  return plan.options.has("count") ? static_cast<double>(plan.options.integer("count")) : 0.0;
}

struct Load {
  bool known = true;          // false: a closed loop without a count
  double messages = 0;
  double disk_bytes = 0;
  std::uint64_t queue_bytes = 0;
};

void add_producer(const TrialPlan& trial, const WorkloadPlan& plan, const Workload& workload,
                  Load& load) {
  double messages = workload.offered_messages(trial.phases.warmup.at_most + trial.phases.measure);
  const auto count = count_of(plan);
  if (count > 0) {
    messages = messages > 0 ? std::min(messages, count) : count;
  }
  const auto size = mean_message_bytes(plan.options).value_or(0);
  load.known = load.known && messages > 0 && size > 0;
  load.messages += messages;
  int replication = 1;
  for (const auto& topic : trial.topics) {
    if (plan.options.has("topic") && topic.name == plan.options.text("topic")) {
      replication = topic.replication;
    }
  }
  load.disk_bytes += messages * static_cast<double>(size) * replication;
  static const std::map<std::string, std::string> none;
  const auto& properties =
      plan.options.has("properties") ? plan.options.properties("properties") : none;
  const auto by_count =
      property(properties, "queue.buffering.max.messages", default_queue_messages) *
      std::max<std::uint64_t>(size, 1);
  const auto by_size = property(properties, "queue.buffering.max.kbytes", default_queue_kib) * 1024;
  load.queue_bytes +=
      std::min(by_count, by_size) * static_cast<std::uint64_t>(workload.traits().lanes);
}

Load load_of(const TrialPlan& trial) {
  Load load;
  for (const auto& plan : trial.workloads) {
    const auto* plugin = Registry<Workload>::instance().find(plan.kind);
    if (plugin == nullptr) continue;
    const auto workload = plugin->make(plan.options);
    if (workload->traits().produces) {
      add_producer(trial, plan, *workload, load);
    } else {
      static const std::map<std::string, std::string> none;
      const auto& properties =
          plan.options.has("properties") ? plan.options.properties("properties") : none;
      load.queue_bytes += property(properties, "queued.max.messages.kbytes", default_fetch_kib) *
                          1024 * static_cast<std::uint64_t>(workload->traits().lanes);
    }
  }
  return load;
}

}  // namespace

std::optional<std::uint64_t> mean_message_bytes(const Options& options) {
  if (!options.has("size")) return std::nullopt;
  const std::string_view text = options.text("size");
  if (const auto fixed = parse_size(text)) return *fixed;
  const auto open = text.find('('), comma = text.find(','), close = text.rfind(')');
  if (open == std::string_view::npos || comma == std::string_view::npos || comma < open ||
      close == std::string_view::npos || close < comma) {
    return std::nullopt;
  }
  const auto low = parse_size(text.substr(open + 1, comma - open - 1));
  const auto high = parse_size(text.substr(comma + 1, close - comma - 1));
  return low && high ? std::optional((*low + *high) / 2) : std::nullopt;
}

Needs needs_of(const TrialPlan& trial) {
  Needs out;
  const auto& cluster = trial.cluster;
  // Brokers of an external cluster need nothing of this machine.
  const bool ours = cluster.kind != "external";
  out.processes = ours ? cluster.brokers + (cluster.combined ? 0 : cluster.controllers) : 0;
  const auto heap = static_cast<std::uint64_t>(
      parse_integer(std::string_view(cluster.heap).substr(0, cluster.heap.size() - 1)).value_or(0));
  out.memory_bytes = static_cast<std::uint64_t>(
      std::min(out.processes * (static_cast<double>(heap) * mib + jvm_beside_heap), most_bytes));
  const auto load = load_of(trial);
  if (!ours) {
    out.disk_bytes = 0;
  } else if (load.known) {
    out.disk_bytes = static_cast<std::uint64_t>(std::min(load.disk_bytes, most_bytes));
  }
  out.client_queue_bytes = load.queue_bytes;
  const auto reading = std::min(std::ceil(load.messages / audit_per_second), longest_reading);
  const auto& warmup = trial.phases.warmup;
  const auto warm = std::min(warmup.at_most, std::max(warmup.at_least, until_steady));
  out.expected = cluster_up + warm + trial.phases.measure + after_measure +
                 std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(reading)) +
                 cluster_down;
  return out;
}

std::optional<double> messages_in_measure(const TrialPlan& trial, const WorkloadPlan& plan) {
  const auto* plugin = Registry<Workload>::instance().find(plan.kind);
  if (plugin == nullptr) return std::nullopt;
  const auto workload = plugin->make(plan.options);
  const auto count = count_of(plan);
  if (workload->offered_rate() <= 0) return count > 0 ? std::optional(count) : std::nullopt;
  const auto limited = [&](nanoseconds span) {
    const double all = workload->offered_messages(span);
    return count > 0 ? std::min(all, count) : all;
  };
  const WarmupPlan& warmup = trial.phases.warmup;
  const nanoseconds measure = trial.phases.measure;
  // Where the rate changes over time, when warm-up ends decides.
  return std::max(limited(warmup.at_least + measure) - limited(warmup.at_least),
                  limited(warmup.at_most + measure) - limited(warmup.at_most));
}

nanoseconds expected_duration(const Plan& plan) {
  nanoseconds total{0};
  for (const auto& trial : plan.trials) {
    const auto expected = needs_of(trial).expected;
    // Not beyond what nanoseconds hold: 292 years.
    total = expected > nanoseconds::max() - total ? nanoseconds::max() : total + expected;
  }
  return total;
}

}  // namespace seatrial::scenario
