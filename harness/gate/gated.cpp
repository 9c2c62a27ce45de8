// Metrics and their thresholds.
#include "gate/gated.hpp"

#include <algorithm>
#include <cmath>

#include "client/workload.hpp"
#include "core/check.hpp"
#include "core/registry.hpp"
#include "scenario/expectation.hpp"

namespace seatrial::gate {
namespace {

constexpr double least_latency_ns = 1e6;  // of high percentiles; of the rest of them a tenth

// Medians and sums are steadier than what is far out, and counts are steadier than both.
Threshold threshold_of(const MetricQuestion& question, MetricKind kind) {
  const bool tail =
      kind == MetricKind::latency && question.function != "p50" && question.function != "mean";
  if (tail || kind == MetricKind::duration) {
    const bool cost = question.metric.ends_with("_per_mb");
    return cost ? Threshold{0.05, 0.10} : Threshold{0.10, 0.20};
  }
  if (kind == MetricKind::ratio) return {0.02, 0.04};
  return {0.05, 0.10};
}

Gated completed(const scenario::GatedMetric& asked) {
  const auto* metric = scenario::find_metric(asked.metric);
  check(metric != nullptr, "a gated metric was found when the scenario was read");
  Gated out{.question = asked,
            .text = scenario::question_text(asked),
            .gates = asked.gates,
            .threshold = threshold_of(asked, metric->kind),
            .more_is_better = scenario::more_is_better(*metric),
            .exact = metric->kind == MetricKind::ratio};
  if (metric->kind == MetricKind::latency && !asked.delta && !asked.delta_max)
    out.floor = asked.function == "p50" ? least_latency_ns / 10 : least_latency_ns;
  if (asked.delta) out.threshold = {*asked.delta, 2 * *asked.delta};
  if (asked.delta_max) out.threshold.delta_max = *asked.delta_max;
  if (!(out.threshold.delta_max > out.threshold.delta))
    out.threshold.delta = out.threshold.delta_max / 2;
  return out;
}

struct Role {
  std::string name;
  bool produces = false, consumes = false, unlimited = false;
};

std::vector<Role> roles_of(const scenario::TrialPlan& trial) {
  std::vector<Role> out;
  for (const auto& plan : trial.workloads) {
    const auto* plugin = Registry<Workload>::instance().find(plan.kind);
    if (plugin == nullptr) continue;
    const auto workload = plugin->make(plan.options);
    const auto traits = workload->traits();
    out.push_back({.name = plan.name,
                   .produces = traits.produces,
                   .consumes = !traits.produces,
                   .unlimited = traits.produces && workload->offered_rate() <= 0});
  }
  return out;
}

scenario::GatedMetric asked_for(std::string function, std::string workload, std::string metric,
                                bool gates) {
  scenario::GatedMetric out;
  out.function = std::move(function);
  out.workload = std::move(workload);
  out.metric = std::move(metric);
  out.gates = gates;
  return out;
}

std::vector<scenario::GatedMetric> by_workloads(const scenario::TrialPlan& trial) {
  std::vector<scenario::GatedMetric> out;
  for (const auto& role : roles_of(trial)) {
    if (role.unlimited) out.push_back(asked_for("", role.name, "throughput", true));
    else if (role.produces) {
      out.push_back(asked_for("p50", role.name, "response", true));
      out.push_back(asked_for("p99", role.name, "response", true));
    }
    if (role.consumes) out.insert(out.begin(), asked_for("p99", role.name, "end_to_end", true));
  }
  if (!trial.timeline.empty()) out.push_back(asked_for("", "", "unavailability", true));
  constexpr std::size_t most = 2;  // beside the brokers' CPU
  for (std::size_t i = most; i < out.size(); ++i) out[i].gates = false;
  out.push_back(asked_for("", "", "broker_cpu_per_mb", true));
  for (const char* shown : {"client_cpu_per_mb", "network_per_byte", "requests_per_mb",
                            "fsyncs_per_mb", "time_to_first_ack"}) {
    out.push_back(asked_for("", "", shown, false));
  }
  return out;
}

}  // namespace

std::vector<Gated> gated_metrics(const scenario::GatePlan& gate, const scenario::TrialPlan& trial) {
  std::vector<Gated> out;
  for (const auto& asked : gate.metrics.empty() ? by_workloads(trial) : gate.metrics)
    out.push_back(completed(asked));
  return out;
}

const char* unit_of(const MetricQuestion& question) {
  const auto* metric = scenario::find_metric(question.metric);
  switch (metric == nullptr ? MetricKind::count : metric->kind) {
    case MetricKind::latency:
    case MetricKind::duration: return "ns";
    case MetricKind::rate: return "/s";
    case MetricKind::share: return "share";
    case MetricKind::count:
    case MetricKind::ratio: break;
  }
  return "";
}

double effect(double baseline, double candidate, bool more_is_better) {
  const double most = std::log(10.0);
  double out = 0;
  if (baseline > 0 && candidate > 0) out = std::log(candidate / baseline);
  else if (baseline > 0) out = -most;
  else if (candidate > 0) out = most;
  return std::clamp(more_is_better ? -out : out, -most, most);
}

}  // namespace seatrial::gate
