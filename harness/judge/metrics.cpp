// Findings and facts are counts; every other metric reads the record by itself.
#include "judge/metrics.hpp"

#include <optional>
#include <string>

#include "core/check.hpp"
#include "judge/load_check.hpp"
#include "judge/metrics/reading.hpp"

namespace seatrial::judge {
namespace {

using Origin = scenario::MetricSpec::Origin;

// Nobody's order and nobody's offsets: share groups have neither.
bool asks_share_groups_for_order(const MetricQuestion& question, const View& trial) {
  if (scenario::find_metric(question.metric)->needs != Need::order) return false;
  bool any = false;
  for (const View& workload : trial["workloads"].items()) {
    if (!covers(question, workload) || !workload["totals"]["consumed"].present()) continue;
    if (!workload["group"]["share"].boolean().value_or(false)) return false;
    any = true;
  }
  return any;
}

Measured anomaly_count(const MetricQuestion& question, const View& trial) {
  if (asks_share_groups_for_order(question, trial))
    return Measured::nothing("share groups have neither order nor offsets");
  if (!trial["audit"]["status"].is("complete")) return Measured::nothing("the audit is incomplete");
  if (question.metric == "acked_lost" && total(question, trial, "acked") == 0)
    return Measured::nothing("no message was acked");
  const std::string& anomaly = scenario::find_metric(question.metric)->plugin;
  if (trial["audit"]["failed_checkers"][anomaly])
    return Measured::nothing("the checker that counts it failed");
  double count = 0;
  for (const View& finding : trial["findings"].items()) {
    if (finding["anomaly"].text() != anomaly) continue;
    const std::string whose = finding["workload"].text();
    if (!question.workload.empty() && whose != question.workload) {
      if (whose.empty()) return Measured::nothing("nobody can tell of which workload they are");
      continue;
    }
    if (anomaly == "unseen" && finding["allowance"].is("neutral"))
      return Measured::nothing("the group did not read to the end, so they may only be late");
    count += finding["count"].number_or(0.0);
  }
  return Measured::exactly(count);
}

// A load of which nothing fell due within measure was not put to the test, whatever it did before.
std::optional<std::string> idle(const MetricQuestion& question, const View& trial) {
  if (question.workload.empty() || question.metric == "intended") return std::nullopt;
  for (const View& workload : trial["workloads"].items()) {
    if (!covers(question, workload) || !workload["totals"]["intended"].present()) continue;
    const auto within = within_measure(trial, question.workload);
    if (within && within->intended == 0)
      return "no message of '" + question.workload + "' fell due within measure";
  }
  return std::nullopt;
}

}  // namespace

Measured measured(const MetricQuestion& question, const View& trial) {
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
