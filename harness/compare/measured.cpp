// Asks each trial of a record what is asked of it.
#include "compare/measured.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/metric.hpp"
#include "gate/gated.hpp"
#include "judge/metrics.hpp"
#include "scenario/expectation.hpp"
#include "statistics/median.hpp"

namespace seatrial::compare {
namespace {

using nlohmann::json;

std::vector<std::string> usual_questions(const View& trial) {
  std::vector<std::string> out{"acked_lost", "duplicate", "unavailability", "broker_cpu_per_mb"};
  for (const View& workload : trial["workloads"].items()) {
    const std::string name = workload["name"].text();
    const bool produces = workload["totals"]["intended"].present();
    if (produces) {
      out.push_back(name + ".throughput");
      for (const char* function : {"p50", "p99", "p99.9"})
        out.push_back(std::string(function) + "(" + name + ".response)");
    } else {
      for (const char* function : {"p50", "p99"})
        out.push_back(std::string(function) + "(" + name + ".end_to_end)");
    }
  }
  return out;
}

bool is_valid(const View& trial) {
  return trial["status"].is("finished") && !trial["verdict"].is("invalid");
}

}  // namespace

void add_values(const View& record, std::size_t run, Which which, Values& out) {
  for (const View& variant : record["variants"].items()) {
    auto& of = out[variant["variant"].text("?")];
    for (const View& asked : variant["asked"].items()) of[asked["question"].text()];
  }
  for (const View& trial : record["trials"].items()) {
    if (which == Which::valid_trials && !is_valid(trial)) continue;
    auto& of = out[trial["variant"].text("?")];
    for (const auto& question : usual_questions(trial)) of[question];
    for (const auto& [question, values] : of.entries()) {
      MetricQuestion parsed;
      if (scenario::parse_question(question, parsed)) continue;
      const Measured measured = judge::measured(parsed, trial);
      if (measured.known()) of[question][run].push_back(measured.least);
    }
  }
}

json describe_metric(const std::string& question) {
  MetricQuestion parsed;
  if (scenario::parse_question(question, parsed)) return nullptr;
  const auto* metric = scenario::find_metric(parsed.metric);
  return {{"metric", question},
          {"unit", gate::unit_of(parsed)},
          {"more_is_better", scenario::more_is_better(*metric)}};
}

json describe_values(std::vector<double> values) {
  if (values.empty()) return nullptr;
  std::ranges::sort(values);
  const std::size_t n = values.size();
  return {{"trials", n},
          {"median", statistics::median(values)},
          {"least", values.front()},
          {"most", values.back()}};
}

json describe_run(const std::string& folder, const View& record) {
  json labels = json::object();
  for (const auto& [name, value] : record["labels"].entries()) labels[name] = value.text();
  return {{"folder", folder},
          {"id", record["run"]["id"].text()},
          {"scenario", record["scenario"]["name"].text()},
          {"started_at", record["run"]["started_at"].text()},
          {"verdict", record["verdict"]["overall"].text("unknown")},
          {"program", record["run"]["program"].text()},
          {"labels", std::move(labels)}};
}

}  // namespace seatrial::compare
