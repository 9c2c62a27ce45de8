// Asking the judge.
#include "reports/trial_metrics.hpp"

#include <cmath>

#include "judge/metrics.hpp"
#include "reports/summary.hpp"

namespace seatrial::reports {
namespace {

std::vector<std::string> workloads_on(MetricSide side, const View& trial) {
  std::vector<std::string> out;
  for (const View& workload : trial["workloads"].items()) {
    const bool produces = is_producer(workload);
    const bool consumes = workload["totals"]["consumed"].present();
    if (!workload["name"]) continue;
    if (side == MetricSide::produced ? produces : side == MetricSide::consumed && consumes)
      out.push_back(workload["name"].text());
  }
  return out;
}

void ask(MetricQuestion question, const View& trial, std::vector<MetricAnswer>& out) {
  Measured measured = judge::measured(question, trial);
  if (!measured.known() || !std::isfinite(measured.least)) return;
  out.push_back({std::move(question), std::move(measured)});
}

void ask_all(const scenario::MetricSpec& metric, const std::string& workload, const View& trial,
             std::vector<MetricAnswer>& out) {
  MetricQuestion question;
  question.workload = workload;
  question.metric = metric.name;
  if (metric.kind != MetricKind::latency) return ask(std::move(question), trial, out);
  for (const auto function : scenario::latency_functions()) {
    question.function = std::string(function);
    ask(question, trial, out);
  }
}

}  // namespace

std::vector<MetricAnswer> answers_of(const scenario::MetricSpec& metric, const View& trial) {
  std::vector<MetricAnswer> out;
  for (const auto& workload : workloads_on(metric.side, trial))
    ask_all(metric, workload, trial, out);
  const bool of_trial = metric.side == MetricSide::cluster ||
                        (out.empty() && metric.origin == scenario::MetricSpec::Origin::checker);
  if (of_trial) ask_all(metric, "", trial, out);
  return out;
}

}  // namespace seatrial::reports
