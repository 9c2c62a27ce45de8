// Settings and metrics of several records, by name.
#include "compare/compare.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "judge/metrics.hpp"
#include "scenario/expectation.hpp"
#include "statistics/shift.hpp"

namespace seatrial::compare {
namespace {

using nlohmann::json;

constexpr std::size_t least_repeats = 3;  // for an interval

// Keeps the order in which names came first.
template <class Value>
class InOrder {
 public:
  Value& operator[](const std::string& name) {
    const auto at = std::ranges::find(entries_, name, &std::pair<std::string, Value>::first);
    if (at != entries_.end()) return at->second;
    return entries_.emplace_back(name, Value{}).second;
  }
  [[nodiscard]] const auto& entries() const { return entries_; }

 private:
  std::vector<std::pair<std::string, Value>> entries_;
};

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

// Variant, question -> values by run.
using Values = InOrder<InOrder<std::map<std::size_t, std::vector<double>>>>;

void add_values(const View& record, std::size_t run, Values& out) {
  for (const View& variant : record["variants"].items()) {
    auto& of = out[variant["variant"].text("?")];
    for (const View& asked : variant["asked"].items()) of[asked["question"].text()];
  }
  for (const View& trial : record["trials"].items()) {
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

const char* unit_of(MetricKind kind) {
  switch (kind) {
    case MetricKind::latency:
    case MetricKind::duration: return "ns";
    case MetricKind::rate: return "/s";
    case MetricKind::share: return "share";
    case MetricKind::count:
    case MetricKind::ratio: break;
  }
  return "";
}

json describe_values(std::vector<double> values) {
  if (values.empty()) return nullptr;
  std::ranges::sort(values);
  const std::size_t n = values.size();
  return {{"trials", n},
          {"median", (values[(n - 1) / 2] + values[n / 2]) / 2},
          {"least", values.front()},
          {"most", values.back()}};
}

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
  for (std::size_t run = 0; run < runs.size(); ++run) add_values(runs[run].record, run, values);
  json out = json::array();
  for (const auto& [variant, questions] : values.entries()) {
    for (const auto& [question, by_run] : questions.entries()) {
      MetricQuestion parsed;
      if (by_run.empty() || scenario::parse_question(question, parsed)) continue;
      const auto kind = scenario::find_metric(parsed.metric)->kind;
      json row{{"variant", variant},    {"metric", question},
               {"unit", unit_of(kind)}, {"more_is_better", kind == MetricKind::rate},
               {"of", json::array()},   {"change", json::array()}};
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
  for (const auto& [folder, record] : runs) {
    json labels = json::object();
    for (const auto& [name, value] : record["labels"].entries()) labels[name] = value.text();
    list.push_back({{"folder", folder},
                    {"id", record["run"]["id"].text()},
                    {"scenario", record["scenario"]["name"].text()},
                    {"started_at", record["run"]["started_at"].text()},
                    {"verdict", record["verdict"]["overall"].text("unknown")},
                    {"program", record["run"]["program"].text()},
                    {"labels", std::move(labels)}});
  }
  return {{"runs", std::move(list)},
          {"settings", describe_settings(runs)},
          {"rows", describe_rows(runs)}};
}

}  // namespace seatrial::compare
