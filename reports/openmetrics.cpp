// OpenMetrics 1.0 as text: every metric that the judge knows of each trial, for a push gateway, a
// textfile collector or anything else that reads expositions. What is not known has no sample.
#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "core/registry.hpp"
#include "judge/variants.hpp"
#include "record/report.hpp"
#include "reports/format.hpp"
#include "reports/summary.hpp"
#include "reports/trial_metrics.hpp"

namespace seatrial::reports {
namespace {

using Labels = std::vector<std::pair<std::string, std::string>>;

// Of label values and help: a line break, a quote and a backslash are escaped. What else is a
// control character becomes a blank.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += "\\n";
    else if (c == '"' || c == '\\') out += std::string("\\") + c;
    else out += one_line(std::string_view(&c, 1));
  }
  return out;
}

// A name of ours or anyone's as one of the format: letters, digits and underscores.
std::string name_of(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!fits) c = '_';
  }
  return out;
}

// A family of samples: its heads stand before the first, and no set of labels comes twice, which
// would make the whole text invalid.
class Family {
 public:
  Family(std::string name, std::string type, std::string unit, std::string help)
      : name_(std::move(name)) {
    if (!unit.empty()) name_ += "_" + unit;
    heads_ = "# TYPE " + name_ + " " + type + "\n";
    if (!unit.empty()) heads_ += "# UNIT " + name_ + " " + unit + "\n";
    heads_ += "# HELP " + name_ + " " + escaped(help) + "\n";
  }
  void sample(const Labels& labels, double value, const std::string& suffix = "") {
    if (!std::isfinite(value)) return;
    std::string braces;
    for (const auto& [name, text] : labels)
      braces += (braces.empty() ? "{" : ",") + name + "=\"" + escaped(text) + "\"";
    const std::string what = name_ + suffix + (braces.empty() ? "" : braces + "}");
    if (written_.insert(what).second) samples_ += what + " " + fmt::format("{}", value) + "\n";
  }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string text() const { return samples_.empty() ? "" : heads_ + samples_; }

 private:
  std::string name_, heads_, samples_;
  std::set<std::string> written_;
};

Labels labels_of(const View& record, const View& trial, const std::string& workload) {
  Labels out{{"scenario", record["scenario"]["name"].text("unnamed")},
             {"variant", trial["variant"].text("?")},
             {"repeat", trial["repeat"].text("0")}};
  if (!workload.empty()) out.emplace_back("workload", workload);
  return out;
}

Labels with(Labels labels, const std::string& name, const std::string& value) {
  labels.emplace_back(name, value);
  return labels;
}

// --- of the run ---

// Keys of two labels may become one name: the later ones get underscores until theirs is free.
Labels labels_of_run(const View& record) {
  Labels out{{"scenario", record["scenario"]["name"].text("unnamed")},
             {"run", record["run"]["id"].text()},
             {"program", record["run"]["program"].text()},
             {"cluster", record["cluster"]["kind"].text()},
             {"kafka", record["cluster"]["version"].text()}};
  std::set<std::string> names;
  for (const auto& [key, value] : record["labels"].entries()) {
    std::string name = "label_" + name_of(key);
    while (!names.insert(name).second) name += "_";
    out.emplace_back(std::move(name), value.text());
  }
  return out;
}

void add_states(Family& family, const Labels& labels, Verdict verdict) {
  for (const Verdict state : {Verdict::pass, Verdict::fail, Verdict::unknown, Verdict::invalid})
    family.sample(with(labels, family.name(), to_string(state)), state == verdict ? 1 : 0);
}

Verdict verdict_of_run(const View& record) {
  for (const Verdict v : {Verdict::pass, Verdict::fail, Verdict::invalid}) {
    if (record["verdict"]["overall"].is(to_string(v))) return v;
  }
  return Verdict::unknown;
}

std::string run_text(const View& record) {
  const Labels scenario{{"scenario", record["scenario"]["name"].text("unnamed")}};
  Family info("seatrial_run", "info", "", "the run, and the labels that it was given");
  info.sample(labels_of_run(record), 1, "_info");
  Family partial("seatrial_run_partial", "gauge", "", "1: the run did not end by itself");
  partial.sample(scenario, is_partial(record) ? 1 : 0);
  Family length("seatrial_run_wall", "gauge", "seconds", "how long the run took");
  if (const auto wall = record["run"]["wall_s"].number()) length.sample(scenario, *wall);
  Family verdict("seatrial_run_verdict", "stateset", "", "the verdict of the run");
  add_states(verdict, scenario, verdict_of_run(record));
  return info.text() + partial.text() + length.text() + verdict.text();
}

std::string verdicts_text(const View& record) {
  Family verdict("seatrial_trial_verdict", "stateset", "", "the verdict of each trial");
  for (const View& trial : record["trials"].items())
    add_states(verdict, labels_of(record, trial, ""), judge::verdict_of(trial));
  return verdict.text();
}

// --- metrics ---

struct Unit {
  std::string name;
  double per = 1;  // of the judge's unit; to divide by, so that digits stay as they are
};

Unit unit_of(MetricKind kind) {
  switch (kind) {
    case MetricKind::latency:
    case MetricKind::duration: return {"seconds", 1e9};
    case MetricKind::share: return {"ratio", 1};
    case MetricKind::rate: return {"per_second", 1};
    case MetricKind::count:
    case MetricKind::ratio: break;
  }
  return {"", 1};
}

// A latency's mean is its sum; its count is the record's.
void add_quantile(Family& family, const View& trial, const Labels& labels,
                  const MetricAnswer& answer) {
  const double seconds = answer.measured.least / 1e9;
  const auto percentile = scenario::percentile_of(answer.question.function);
  if (answer.question.function == "max")
    return family.sample(with(labels, "quantile", "1"), seconds);
  if (percentile)
    return family.sample(with(labels, "quantile", decimal(*percentile / 100, 6)), seconds);
  if (answer.question.function != "mean") return;
  for (const View& workload : trial["workloads"].items()) {
    if (!workload["name"].is(answer.question.workload)) continue;
    const auto count =
        static_cast<double>(workload["latency"][answer.question.metric]["count"].count());
    family.sample(labels, count, "_count");
    return family.sample(labels, seconds * count, "_sum");
  }
}

std::string metric_text(const View& record, const scenario::MetricSpec& metric) {
  const bool latency = metric.kind == MetricKind::latency;
  const Unit unit = unit_of(metric.kind);
  Family family("seatrial_" + name_of(metric.name), latency ? "summary" : "gauge", unit.name,
                metric.help);
  for (const View& trial : record["trials"].items()) {
    for (const auto& answer : answers_of(metric, trial)) {
      const Labels labels = labels_of(record, trial, answer.question.workload);
      if (latency) add_quantile(family, trial, labels, answer);
      else family.sample(labels, answer.measured.least / unit.per);
    }
  }
  return family.text();
}

std::string render_openmetrics(const View& record) {
  std::string out = run_text(record) + verdicts_text(record);
  for (const auto& metric : scenario::metrics()) out += metric_text(record, metric);
  return out + "# EOF\n";
}

class OpenMetricsReport final : public Report {
 public:
  [[nodiscard]] std::string render(const record::RunRecord& record) const override {
    return render_openmetrics(record.view());
  }
};

const Registration<Report> registered{{
    .name = "openmetrics",
    .help = "OpenMetrics text, every metric of each trial: Prometheus and what reads as it does",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Report> {
      return std::make_unique<OpenMetricsReport>();
    },
}};

}  // namespace
}  // namespace seatrial::reports
