// JSON as Google Benchmark writes it, so that its compare.py sets two runs side by side: a trial is
// a repetition; response latencies and the time per ack are benchmarks.
//
// A benchmark without times ends compare.py, so what is not known is left out, and the context says
// why. `cpu_time` is that of the harness and its lanes per message settled; 0 where the record has
// none, since the format knows no absence.
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "core/json_text.hpp"
#include "core/registry.hpp"
#include "judge/metrics.hpp"
#include "record/report.hpp"
#include "reports/summary.hpp"
#include "reports/trial_metrics.hpp"
#include "statistics/median.hpp"

namespace seatrial::reports {
namespace {

using nlohmann::json;

// What is compared of each workload that has it.
struct Kind {
  const char* name;
  const char* function;
  const char* metric;
};
constexpr Kind kinds[] = {{"response_p50", "p50", "response"},
                          {"response_p99", "p99", "response"},
                          {"end_to_end_p50", "p50", "end_to_end"},
                          {"end_to_end_p99", "p99", "end_to_end"},
                          {"time_per_ack", "", "throughput"}};

struct Sample {
  double real_ns = 0, cpu_ns = 0;
  double items_per_s = 0;  // 0: not known
  std::uint64_t messages = 0;
  std::uint64_t lanes = 1;
  std::map<std::string, double> counters;
};

// Of one name, in the order of the trials.
struct Benchmark {
  std::string name;
  std::vector<Sample> samples;
};

std::optional<double> known(const Kind& kind, const std::string& workload, const View& trial) {
  MetricQuestion question;
  question.function = kind.function;
  question.workload = workload;
  question.metric = kind.metric;
  const Measured measured = judge::measured(question, trial);
  if (!measured.known() || !std::isfinite(measured.least)) return std::nullopt;
  const bool per_s = question.metric == "throughput";
  if (per_s && measured.least <= 0) return std::nullopt;
  return per_s ? 1e9 / measured.least : measured.least;
}

// Of all loads of the trial: nobody counts their CPU apart.
double cpu_per_message(const View& trial) {
  double messages = 0;
  for (const View& workload : trial["workloads"].items()) {
    for (const char* total : {"acked", "consumed"})
      messages += static_cast<double>(workload["totals"][total].count());
  }
  const double cpu_ns = trial["generator"]["cpu_s"].number_or(0) * 1e9;
  return messages > 0 && cpu_ns > 0 && std::isfinite(cpu_ns) ? cpu_ns / messages : 0;
}

// Every count that is known of the workload.
std::map<std::string, double> counters_of(const View& trial, const std::string& workload) {
  std::map<std::string, double> out;
  for (const auto& metric : scenario::metrics()) {
    if (metric.kind != MetricKind::count) continue;
    for (const auto& answer : answers_of(metric, trial)) {
      if (answer.question.workload == workload) out[metric.name] = answer.measured.least;
    }
  }
  return out;
}

Sample sample_of(const View& trial, const View& workload, double real_ns) {
  const std::string name = workload["name"].text();
  const auto per_ack = known(kinds[std::size(kinds) - 1], name, trial);
  const auto totals = workload["totals"];
  return {.real_ns = real_ns,
          .cpu_ns = cpu_per_message(trial),
          .items_per_s = per_ack ? 1e9 / *per_ack : 0,
          .messages = std::max(totals["acked"].count(), totals["consumed"].count()),
          .lanes = std::max<std::uint64_t>(workload["lanes"].count(), 1),
          .counters = counters_of(trial, name)};
}

bool has(const Kind& kind, const View& workload) {
  if (std::string_view(kind.metric) == "throughput")
    return workload["totals"]["intended"].present();
  return workload["latency"][kind.metric].present();
}

Benchmark& named(std::vector<Benchmark>& all, const std::string& name) {
  const auto found = std::ranges::find(all, name, &Benchmark::name);
  if (found != all.end()) return *found;
  all.push_back({.name = name, .samples = {}});
  return all.back();
}

// Why a time is not known, as the judge says it.
std::string why_unknown(const Kind& kind, const std::string& workload, const View& trial) {
  MetricQuestion question;
  question.function = kind.function;
  question.workload = workload;
  question.metric = kind.metric;
  const Measured measured = judge::measured(question, trial);
  return measured.known() ? "nothing was acked within measure" : measured.why;
}

void add_trial(const View& record, const View& trial, std::vector<Benchmark>& all, json& left_out) {
  const std::string before =
      record["scenario"]["name"].text("unnamed") + "/" + trial["variant"].text("?") + "/";
  if (!trial["status"].is("finished")) {
    left_out.push_back(before + ": the trial did not finish");
    return;
  }
  for (const View& workload : trial["workloads"].items()) {
    const std::string name = workload["name"].text("?");
    for (const Kind& kind : kinds) {
      if (!has(kind, workload)) continue;
      const std::string whole = before + name + "/" + kind.name;
      if (const auto ns = known(kind, name, trial))
        named(all, whole).samples.push_back(sample_of(trial, workload, *ns));
      else
        left_out.push_back(whole + ", repeat " + trial["repeat"].text("0") + ": " +
                           why_unknown(kind, name, trial));
    }
  }
}

json head_of(const Benchmark& benchmark, const std::string& suffix, std::size_t family) {
  return {{"name", benchmark.name + suffix},
          {"family_index", family},
          {"per_family_instance_index", 0},
          {"run_name", benchmark.name},
          {"run_type", suffix.empty() ? "iteration" : "aggregate"},
          {"repetitions", benchmark.samples.size()}};
}

json iteration_of(const Benchmark& benchmark, std::size_t index, std::size_t family) {
  const Sample& sample = benchmark.samples[index];
  json out = head_of(benchmark, "", family);
  out.update({{"repetition_index", index},
              {"threads", sample.lanes},
              {"iterations", sample.messages},
              {"real_time", sample.real_ns},
              {"cpu_time", sample.cpu_ns},
              {"time_unit", "ns"}});
  if (sample.items_per_s > 0) out.emplace("items_per_second", sample.items_per_s);
  for (const auto& [name, value] : sample.counters) out.emplace(name, value);
  return out;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value / static_cast<double>(values.size());
  return sum;
}

// Of the sample, as Google Benchmark's is.
double deviation(const std::vector<double>& values) {
  const double middle = mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - middle) * (value - middle);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

void add_aggregates(const Benchmark& benchmark, std::size_t family, json& out) {
  if (benchmark.samples.size() < 2) return;
  std::vector<double> real, cpu;
  for (const Sample& sample : benchmark.samples) {
    real.push_back(sample.real_ns);
    cpu.push_back(sample.cpu_ns);
  }
  const auto add = [&](const std::string& name, double real_ns, double cpu_ns) {
    json one = head_of(benchmark, "_" + name, family);
    one.update({{"threads", benchmark.samples.front().lanes},
                {"aggregate_name", name},
                {"aggregate_unit", "time"},
                {"iterations", benchmark.samples.size()},
                {"real_time", std::isfinite(real_ns) ? real_ns : 0},
                {"cpu_time", std::isfinite(cpu_ns) ? cpu_ns : 0},
                {"time_unit", "ns"}});
    out.push_back(std::move(one));
  };
  add("mean", mean(real), mean(cpu));
  add("median", statistics::median(real), statistics::median(cpu));
  add("stddev", deviation(real), deviation(cpu));
}

json context_of(const View& record, json left_out) {
  json out{{"date", record["run"]["started_at"].text()},
           {"host_name", record["environment"]["machine"].text()},
           {"executable", record["run"]["program"].text()},
           {"num_cpus", record["environment"]["cores"].count()},
           {"mhz_per_cpu", 0},
           {"cpu_scaling_enabled", false},
           {"caches", json::array()},
           {"load_avg", json::array()},
           {"library_build_type", "release"},
           {"seatrial_run", record["run"]["id"].text()},
           {"seatrial_scenario", record["scenario"]["name"].text()},
           {"seatrial_verdict", record["verdict"]["overall"].text("unknown")},
           {"seatrial_partial", is_partial(record)},
           {"seatrial_kafka", record["cluster"]["version"].text()}};
  for (const auto& [key, value] : record["labels"].entries())
    out.emplace("label." + key, value.text());
  out.emplace("seatrial_left_out", std::move(left_out));
  return out;
}

std::string render_gbench(const View& record) {
  std::vector<Benchmark> all;
  json left_out = json::array();
  for (const View& trial : record["trials"].items()) add_trial(record, trial, all, left_out);
  json benchmarks = json::array();
  for (std::size_t family = 0; family < all.size(); ++family) {
    for (std::size_t i = 0; i < all[family].samples.size(); ++i)
      benchmarks.push_back(iteration_of(all[family], i, family));
    add_aggregates(all[family], family, benchmarks);
  }
  const json document{{"context", context_of(record, std::move(left_out))},
                      {"benchmarks", std::move(benchmarks)}};
  return json_text(document, 2) + "\n";
}

class GbenchReport final : public Report {
 public:
  [[nodiscard]] std::string render(const record::RunRecord& record) const override {
    return render_gbench(record.view());
  }
};

const Registration<Report> registered{{
    .name = "gbench",
    .help = "JSON of Google Benchmark, trials as repetitions: its compare.py, of two runs",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Report> {
      return std::make_unique<GbenchReport>();
    },
}};

}  // namespace
}  // namespace seatrial::reports
