// Sorts runs into series, and has each searched for changes.
#include "compare/history.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "gate/certificate.hpp"
#include "statistics/change_points.hpp"

namespace seatrial::compare {
namespace {

using nlohmann::json;
using statistics::ChangePoint;

const statistics::ChangePointRules change_rules;

// What must be the same for runs to be in one series, beside the scenario.
std::map<std::string, std::string> context_of(const View& record) {
  auto out = gate::machine_of(record["environment"]);
  out["cluster"] = record["cluster"]["kind"].text();
  return out;
}

bool holds(const Values& values, std::size_t run) {
  for (const auto& [variant, questions] : values.entries())
    for (const auto& [question, by_run] : questions.entries())
      if (by_run.contains(run)) return true;
  return false;
}

std::vector<double> medians_of(const json& points) {
  std::vector<double> out;
  for (const auto& point : points) out.push_back(point.at("median").get<double>());
  return out;
}

json describe_changes(const std::vector<ChangePoint>& found, const json& points) {
  json out = json::array();
  for (const auto& change : found) {
    const bool known = change.before > 0 && change.after > 0;
    out.push_back({{"at", change.index},
                   {"run", points.at(change.index).at("run")},
                   {"p", change.p},
                   {"before", change.before},
                   {"after", change.after},
                   {"change", known ? json(std::log(change.after / change.before)) : json()}});
  }
  return out;
}

json describe_segments(const std::vector<ChangePoint>& found, const std::vector<double>& medians) {
  json out = json::array();
  std::size_t from = 0;
  for (std::size_t i = 0; i <= found.size(); ++i) {
    const std::size_t to = i < found.size() ? found[i].index : medians.size();
    const auto at = [&](std::size_t place) {
      return medians.begin() + static_cast<std::ptrdiff_t>(place);
    };
    out.push_back(
        {{"from", from}, {"to", to}, {"median", describe_values({at(from), at(to)}).at("median")}});
    from = to;
  }
  return out;
}

// `places`: of each run, by the order in which it was added, its place by time.
json describe_points(const std::map<std::size_t, std::vector<double>>& by_run,
                     const std::vector<std::size_t>& places) {
  std::map<std::size_t, json> by_place;
  for (const auto& [run, values] : by_run) {
    json& point = by_place[places[run]] = describe_values(values);
    point["run"] = places[run];
  }
  json out = json::array();
  for (auto& [place, point] : by_place) out.push_back(std::move(point));
  return out;
}

// Adds to what describes the metric.
void search(json& series) {
  const auto medians = medians_of(series.at("points"));
  const bool enough = medians.size() >= least_runs;
  const auto found =
      enough ? statistics::change_points(medians, change_rules) : std::vector<ChangePoint>{};
  series["searched"] = enough;
  series["changes"] = describe_changes(found, series.at("points"));
  series["segments"] = describe_segments(found, medians);
}

// `of`: what is the same for all of them.
void add_series(const Values& values, const std::vector<std::size_t>& places, const json& of,
                json& out) {
  for (const auto& [variant, questions] : values.entries()) {
    for (const auto& [question, by_run] : questions.entries()) {
      json series = describe_metric(question);
      if (by_run.empty() || series.is_null()) continue;
      series.update(of);
      series["variant"] = variant;
      series["points"] = describe_points(by_run, places);
      search(series);
      out.push_back(std::move(series));
    }
  }
}

}  // namespace

std::optional<std::string> History::add(const std::string& folder, const View& record) {
  json described = describe_run(folder, record);
  if (described.at("started_at") == "") return "does not say when it started";
  Machine machine = context_of(record);
  auto& values = values_[described.at("scenario").get<std::string>()][machine];
  add_values(record, runs_.size(), Which::valid_trials, values);
  if (!holds(values, runs_.size())) return "has no valid trial that measured anything";
  runs_.push_back({std::move(described), std::move(machine)});
  return std::nullopt;
}

std::vector<std::size_t> History::by_time() const {
  std::vector<std::size_t> out(runs_.size());
  std::iota(out.begin(), out.end(), std::size_t{0});
  std::ranges::stable_sort(out, {}, [&](std::size_t run) {
    return runs_[run].described.at("started_at").get<std::string>();
  });
  return out;
}

json History::describe() const {
  const auto order = by_time();
  std::vector<std::size_t> places(runs_.size());
  std::vector<Machine> machines;  // of the contexts
  json runs = json::array(), contexts = json::array(), series = json::array();
  for (const std::size_t added : order) {
    const Run& run = runs_[added];
    const auto known = std::ranges::find(machines, run.machine);
    const auto context = static_cast<std::size_t>(known - machines.begin());
    if (known == machines.end()) {
      machines.push_back(run.machine);
      const auto other = gate::differs(machines.front(), run.machine);
      contexts.push_back(
          {{"machine", run.machine}, {"runs", 0}, {"differs", other ? json(*other) : json()}});
    }
    json& count = contexts[context]["runs"];
    count = count.get<int>() + 1;
    places[added] = runs.size();
    runs.push_back(run.described);
    runs.back()["context"] = context;
  }
  for (const auto& [scenario, by_machine] : values_) {
    for (std::size_t context = 0; context < machines.size(); ++context) {
      const auto values = by_machine.find(machines[context]);
      if (values == by_machine.end()) continue;
      const json of{{"scenario", scenario}, {"context", context}};
      add_series(values->second, places, of, series);
    }
  }
  return {{"least_runs", least_runs},
          {"max_p", change_rules.max_p},
          {"runs", std::move(runs)},
          {"contexts", std::move(contexts)},
          {"series", std::move(series)}};
}

}  // namespace seatrial::compare
