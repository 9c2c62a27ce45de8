// Settings and metrics of several records, by name.
#include "compare/compare.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "compare/in_order.hpp"
#include "compare/measured.hpp"
#include "statistics/shift.hpp"

namespace seatrial::compare {
namespace {

using nlohmann::json;

constexpr std::size_t least_repeats = 3;  // for an interval

using Settings = InOrder<std::map<std::size_t, std::string>>;

void add_all(const View& map, const std::string& prefix, std::size_t run, Settings& out) {
  for (const auto& [name, value] : map.entries()) {
    const std::string text = value.text();
    if (!text.empty()) out[prefix + name][run] = text;
  }
}

// Of each variant by its first trial: the others are set alike.
void add_trial(const View& trial, std::size_t run, Settings& out) {
  const std::string variant = trial["variant"].text("base");
  const std::string start = variant == "base" ? "" : variant + ": ";
  for (const View& workload : trial["workloads"].items()) {
    const std::string of = start + workload["name"].text("?") + ".";
    for (const char* fact : {"kind", "engine", "client", "client_library", "lanes", "loop"}) {
      if (const auto text = workload[fact].text(); !text.empty()) out[of + fact][run] = text;
    }
    add_all(workload["effective_config"], of, run, out);
  }
  for (const View& topic : trial["topics"].items()) {
    const std::string of = start + "topic " + topic["name"].text("?") + ".";
    for (const char* fact : {"partitions", "replication"}) out[of + fact][run] = topic[fact].text();
    add_all(topic["config"], of, run, out);
  }
  add_all(trial["effective_broker_config"], start + "broker ", run, out);
  add_all(trial["cluster_facts"], start + "node ", run, out);
}

void add_run(const View& record, std::size_t run, Settings& out) {
  add_all(record["labels"], "label ", run, out);
  out["scenario"][run] = record["scenario"]["name"].text("?");
  add_all(record["cluster"], "cluster.", run, out);
  for (const char* fact : {"kernel", "machine", "cpu", "cores", "memory_bytes", "os", "librdkafka",
                           "compiler", "build"}) {
    out[std::string("environment.") + fact][run] = record["environment"][fact].text();
  }
  out["program"][run] = record["run"]["program"].text();
  std::vector<std::string> seen;
  for (const View& trial : record["trials"].items()) {
    const std::string variant = trial["variant"].text();
    if (std::ranges::find(seen, variant) != seen.end()) continue;
    seen.push_back(variant);
    add_trial(trial, run, out);
  }
}

// Of each run its own: paths and addresses differ always and mean nothing.
bool is_of_the_run(const std::string& name) {
  return name.ends_with("node data") || name.ends_with("bootstrap.servers") ||
         name.ends_with("client.id") || name.ends_with("cluster.reason") ||
         name.find("listeners") != std::string::npos || name.find("quorum") != std::string::npos ||
         name.ends_with("log.dirs") || name.ends_with("node jars");
}

json describe_settings(const std::vector<Named>& runs) {
  Settings settings;
  for (std::size_t run = 0; run < runs.size(); ++run) add_run(runs[run].record, run, settings);
  json out = json::array();
  for (const auto& [name, values] : settings.entries()) {
    if (is_of_the_run(name)) continue;
    json row{{"name", name}, {"values", json::array()}};
    bool differs = values.size() != runs.size();
    for (std::size_t run = 0; run < runs.size(); ++run) {
      const auto at = values.find(run);
      row["values"].push_back(at == values.end() ? json() : json(at->second));
      differs = differs || (at != values.end() && at->second != values.begin()->second);
    }
    row["differs"] = differs;
    out.push_back(std::move(row));
  }
  return out;
}

// --- what they measured ---

std::optional<std::vector<double>> logarithms(const std::vector<double>& values) {
  std::vector<double> out;
  for (const double value : values) {
    if (value <= 0) return std::nullopt;
    out.push_back(std::log(value));
  }
  return out;
}

json describe_change(const std::vector<double>& from, const std::vector<double>& to) {
  const auto x = logarithms(from), y = logarithms(to);
  if (!x || !y || x->empty() || y->empty()) return nullptr;
  const auto shift = statistics::shift(*x, *y);
  json out{{"value", shift.value}};
  if (x->size() >= least_repeats && y->size() >= least_repeats) {
    out["low"] = shift.low;
    out["high"] = shift.high;
    out["confidence"] = shift.confidence;
  }
  return out;
}

json describe_rows(const std::vector<Named>& runs) {
  Values values;
  for (std::size_t run = 0; run < runs.size(); ++run)
    add_values(runs[run].record, run, Which::all_trials, values);
  json out = json::array();
  for (const auto& [variant, questions] : values.entries()) {
    for (const auto& [question, by_run] : questions.entries()) {
      json row = describe_metric(question);
      if (by_run.empty() || row.is_null()) continue;
      row.update({{"variant", variant}, {"of", json::array()}, {"change", json::array()}});
      const auto of = [&](std::size_t run) {
        const auto at = by_run.find(run);
        return at == by_run.end() ? std::vector<double>{} : at->second;
      };
      for (std::size_t run = 0; run < runs.size(); ++run) {
        row["of"].push_back(describe_values(of(run)));
        if (run > 0) row["change"].push_back(describe_change(of(0), of(run)));
      }
      out.push_back(std::move(row));
    }
  }
  return out;
}

}  // namespace

json compare(const std::vector<Named>& runs) {
  json list = json::array();
  for (const auto& [folder, record] : runs) list.push_back(describe_run(folder, record));
  return {{"runs", std::move(list)},
          {"settings", describe_settings(runs)},
          {"rows", describe_rows(runs)}};
}

}  // namespace seatrial::compare
