// Findings and facts are counts; every other metric reads the record by itself.
#include "judge/metrics.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "core/check.hpp"
#include "judge/load_check.hpp"
#include "judge/metrics/reading.hpp"

namespace seatrial::judge {
namespace {

using nlohmann::json;
using Origin = scenario::MetricSpec::Origin;

// Nobody's order and nobody's offsets: share groups have neither.
bool asks_share_groups_for_order(const MetricQuestion& question, const json& trial) {
  static const std::set<std::string> of_order{"group_skipped", "committed_beyond_delivered",
                                              "nonmonotonic_poll", "poll_skip"};
  if (!of_order.contains(question.metric)) return false;
  bool any = false;
  for (const auto& workload : trial.value("workloads", json::array())) {
    if (!covers(question, workload) || !workload.contains("/totals/consumed"_json_pointer))
      continue;
    if (!workload.value("/group/share"_json_pointer, false)) return false;
    any = true;
  }
  return any;
}

Measured anomaly_count(const MetricQuestion& question, const json& trial) {
  if (asks_share_groups_for_order(question, trial))
    return Measured::nothing("share groups have neither order nor offsets");
  if (trial.value("/audit/status"_json_pointer, "") != "complete")
    return Measured::nothing("the audit is incomplete");
  if (question.metric == "acked_lost" && total(question, trial, "acked") == 0)
    return Measured::nothing("no message was acked");
  std::string anomaly = question.metric;
  std::ranges::replace(anomaly, '_', '-');
  if (trial.contains(json::json_pointer("/audit/failed_checkers/" + anomaly)))
    return Measured::nothing("the checker that counts it failed");
  double count = 0;
  for (const auto& finding : trial.value("findings", json::array())) {
    if (finding.value("anomaly", "") != anomaly) continue;
    const std::string whose = finding.value("workload", "");
    if (!question.workload.empty() && whose != question.workload) {
      if (whose.empty()) return Measured::nothing("nobody can tell of which workload they are");
      continue;
    }
    if (anomaly == "unseen" && finding.value("allowance", "") == "neutral")
      return Measured::nothing("the group did not read to the end, so they may only be late");
    count += finding.value("count", 0.0);
  }
  return Measured::exactly(count);
}

// A load of which nothing fell due within measure was not put to the test, whatever it did before.
std::optional<std::string> idle(const MetricQuestion& question, const json& trial) {
  if (question.workload.empty() || question.metric == "intended") return std::nullopt;
  for (const auto& workload : trial.value("workloads", json::array())) {
    if (!covers(question, workload) || !workload.contains("/totals/intended"_json_pointer))
      continue;
    const auto within = within_measure(trial, question.workload);
    if (within && within->intended == 0)
      return "no message of '" + question.workload + "' fell due within measure";
  }
  return std::nullopt;
}

}  // namespace

Measured measured(const MetricQuestion& question, const json& trial) {
  if (auto why = idle(question, trial)) return Measured::nothing(std::move(*why));
  const auto* spec = scenario::find_metric(question.metric);
  check(spec != nullptr, "a scenario's expectations name metrics that there are");
  switch (spec->origin) {
    case Origin::checker: return anomaly_count(question, trial);
    case Origin::fact: return own_total(question, trial);
    case Origin::metric: break;
  }
  const auto* plugin = Registry<Metric>::instance().find(question.metric);
  return plugin->make(Options{})->measure(question, trial);
}

}  // namespace seatrial::judge
