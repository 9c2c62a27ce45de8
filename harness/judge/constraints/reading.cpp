// Sums and means over workloads, nodes and seconds.
#include "judge/constraints/reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/units.hpp"
#include "judge/metrics/reading.hpp"

namespace seatrial::judge {

double loaded_s(const View& trial) {
  double sum = 0;
  for (const View& span : trial["phases"].items()) {
    if (span["name"].is("warmup") || span["name"].is("measure"))
      sum += span["to_s"].number_or(0) - span["from_s"].number_or(0);
  }
  return sum;
}

std::vector<View> open_loops(const View& trial) {
  std::vector<View> out;
  for (const View& workload : trial["workloads"].items()) {
    if (workload["loop"].is("open")) out.push_back(workload);
  }
  return out;
}

double queue_full_share(const View& trial, const View& workload) {
  const double time = workload["lanes"].number_or(0) * loaded_s(trial);
  if (time <= 0) return 0;
  return std::min(1.0, workload["backpressure_ns"].number_or(0) / 1e9 / time);
}

std::optional<double> machine_mean(const View& trial, std::string_view field) {
  const double end = measured_s(trial);
  double sum = 0, length = 0;
  for (const View& point : trial["machine"].items()) {
    const double at = point["t_s"].number_or(-1);
    const auto value = point[field].number();
    if (at < 0 || at >= end || !value) continue;
    const double weight = point["length_s"].number_or(1);
    sum += *value * weight;
    length += weight;
  }
  if (length <= 0) return std::nullopt;
  return sum / length;
}

std::vector<View> serving_nodes(const View& trial) {
  std::vector<View> out;
  for (const View& node : trial["brokers"].items()) {
    if (!node["role"].is("controller")) out.push_back(node);
  }
  return out;
}

std::optional<double> cores_of_node(const Scene& scene) {
  for (const auto& [fact, value] : scene.trial["cluster_facts"].entries()) {
    const auto limit = fact == "cpus" ? parse_number(value.text()) : Result<double>(0.0);
    if (limit && *limit > 0) return *limit;
  }
  if (scene.cores > 0) return scene.cores;
  return std::nullopt;
}

std::optional<double> cluster_cpu(const View& trial) {
  std::optional<double> sum;
  for (const View& node : trial["brokers"].items()) {
    if (const auto cpu = node["cpu"].number()) sum = sum.value_or(0) + *cpu;
  }
  return sum;
}

std::optional<double> busy_by_us(const Scene& scene) {
  constexpr double most = 0.75;  // the rest are the kernel's threads and what a machine does anyway
  const auto busy = machine_mean(scene.trial, "busy");
  const auto brokers = cluster_cpu(scene.trial);
  const double own = machine_mean(scene.trial, "generator_cpu").value_or(0);
  if (!busy || !brokers || scene.cores <= 0) return std::nullopt;
  if (*brokers + own < most * *busy * scene.cores) return std::nullopt;
  return busy;
}

std::optional<NodeValue> produce_wait(const View& trial, std::initializer_list<const char*> parts) {
  std::optional<NodeValue> worst;
  for (const View& node : serving_nodes(trial)) {
    const View produce = node["requests"]["produce"];
    if (produce["count"].count() == 0) continue;
    double sum = 0;
    for (const char* part : parts) sum += produce[part]["mean_ns"].number_or(0);
    if (!worst || sum > worst->value) worst = {node["node"].integer().value_or(0), sum};
  }
  return worst;
}

std::optional<NodeValue> least_of_nodes(const View& trial, std::string_view field) {
  std::optional<NodeValue> least;
  for (const View& node : serving_nodes(trial)) {
    const auto value = node[field].number();
    if (value && (!least || *value < least->value))
      least = {node["node"].integer().value_or(0), *value};
  }
  return least;
}

std::optional<double> mean_latency_ns(const std::vector<View>& workloads, const char* latency) {
  double sum = 0, messages = 0;
  for (const View& workload : workloads) {
    const View one = workload["latency"][latency];
    const auto mean = one["mean_ns"].number();
    const double count = one["count"].number_or(0);
    if (!mean || count <= 0) continue;
    sum += *mean * count;
    messages += count;
  }
  if (messages <= 0) return std::nullopt;
  return sum / messages;
}

std::optional<double> mean_response_ns(const View& trial) {
  if (const auto open = mean_latency_ns(open_loops(trial), "response")) return open;
  const auto all = trial["workloads"].items();
  if (const auto any = mean_latency_ns(all, "response")) return any;
  return mean_latency_ns(all, "end_to_end");
}

std::optional<double> percentile_ns(const View& latency, double p) {
  for (const View& each : latency["percentiles"].items()) {
    if (each["p"].number_or(-1) == p) return each["ns"].number();
  }
  return std::nullopt;
}

std::string duration_words(double ns) {
  return format_duration(nanoseconds(std::llround(std::clamp(ns, 0.0, 9e18))));
}

std::string percent_words(double share) { return fmt::format("{:.0f} %", share * 100); }

}  // namespace seatrial::judge
