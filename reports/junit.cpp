// JUnit XML, as Jenkins and GitLab read it: each trial is a test case; of a gate, each metric that
// gates. Doubt is never green: what is invalid or unknown counts as skipped, and what did not
// happen as an error.
//
// The format is what its readers take (tests/readers/junit.xsd says which part of it is used).
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/registry.hpp"
#include "record/report.hpp"
#include "reports/format.hpp"
#include "reports/page/html.hpp"
#include "reports/summary.hpp"

namespace seatrial::reports {
namespace {

using page::escape;

enum class Outcome { passed, skipped, failure, error };  // from good to bad

const char* element_of(Outcome outcome) {
  static constexpr const char* names[] = {"", "skipped", "failure", "error"};
  return names[static_cast<int>(outcome)];
}

struct Case {
  std::string name;
  std::string group;  // behind the scenario in the case's class
  std::optional<double> time_s{};
  Outcome outcome = Outcome::passed;
  std::vector<std::string> reasons{};  // of what did not pass
};

// Readers take what stands before the last dot for a package.
std::string without_dots(std::string text) {
  std::ranges::replace(text, '.', '_');
  return text;
}

std::vector<std::string> texts(const View& list) {
  std::vector<std::string> out;
  for (const View& item : list.items()) out.push_back(item.text("?"));
  return out;
}

// From the trial's beginning to the end of its last phase.
std::optional<double> length_of(const View& trial) {
  const auto phases = trial["phases"];
  const auto from = phases.at(0)["from_s"].number();
  const auto to =
      phases.at(phases.size() - std::min<std::size_t>(phases.size(), 1))["to_s"].number();
  if (!from || !to || *to < *from) return std::nullopt;
  return *to - *from + std::max(0.0, trial["cluster_up_s"].number_or(0));
}

Outcome outcome_of(const View& verdict) {
  if (verdict.is("pass")) return Outcome::passed;
  return verdict.is("fail") ? Outcome::failure : Outcome::skipped;
}

// The expectations of this trial that did not hold, and what broke the promise of a setting.
void add_checks(const View& record, const View& trial, std::vector<std::string>& out) {
  for (const View& expectation : record["expectations"].items()) {
    const auto of = expectation["trials"].items();
    const bool own = std::ranges::any_of(
        of, [&](const View& index) { return index.integer() == trial["index"].integer(); });
    if (!own || expectation["outcome"].is("held")) continue;
    out.push_back("expected " + expectation["that"].text("?") + ": " +
                  expectation["outcome"].text("unknown") + ", observed " +
                  expectation["observed"].text("nothing"));
  }
  for (const View& finding : trial["findings"].items()) {
    if (!finding["allowance"].is("violation")) continue;
    const View where = finding["examples"].at(0);
    out.push_back(finding["anomaly"].text("?") + ": " + count_text(finding["count"], "?") +
                  " messages of " + finding["topic"].text("?") + "/" +
                  finding["partition"].text("?") + ": " + finding["why"].text("?") +
                  (where ? "; one of them is message " + where["seq"].text("?") + " of stream " +
                               where["stream"].text("?")
                         : ""));
  }
}

Case case_of(const View& record, const View& trial) {
  Case out{.name = trial_heading(record, trial),
           .group = trial["variant"].text("?"),
           .time_s = length_of(trial)};
  const View status = trial["status"];
  if (status.is("error")) {
    out.outcome = Outcome::error;
    out.reasons = {"the trial ended on an error: " + trial["error"].text("none was recorded")};
    return out;
  }
  if (!status.is("finished") && (status.present() || !trial["verdict"].present())) {
    out.outcome = Outcome::error;
    out.reasons = {"the run ended before this trial did"};
    return out;
  }
  out.outcome = outcome_of(trial["verdict"]);
  if (out.outcome == Outcome::passed) return out;
  out.reasons = texts(trial["reasons"]);
  if (out.outcome == Outcome::skipped && out.reasons.empty())
    out.reasons = {"its verdict is " + trial["verdict"].text("not recorded")};
  add_checks(record, trial, out.reasons);
  return out;
}

// Of the plan, and not in the record at all.
std::vector<Case> cases_not_run(const View& record) {
  std::vector<Case> out;
  const auto planned = record["planned"].items();
  std::map<std::string, int> repeats;
  for (const View& trial : planned) ++repeats[trial["variant"].text("?")];
  for (std::size_t i = record["trials"].size(); i < planned.size(); ++i) {
    const auto variant = planned[i]["variant"].text("?");
    const auto repeat = repeats[variant] > 1 ? ", repeat " + planned[i]["repeat"].text("?") : "";
    out.push_back({.name = variant + repeat,
                   .group = variant,
                   .outcome = Outcome::error,
                   .reasons = {"trial " + std::to_string(i + 1) + " of " +
                               std::to_string(planned.size()) + " did not run"}});
  }
  return out;
}

// Of a gate, trials are but what its metrics were measured by.
std::vector<Case> cases_of_gate(const View& gate) {
  std::vector<Case> out{{.name = "promises", .group = "gate", .reasons = texts(gate["broken"])}};
  const bool told = gate["outcome"].is("pass") || gate["outcome"].is("fail");
  if (!out.front().reasons.empty()) {
    out.front().outcome = Outcome::failure;
  } else if (!told) {
    out.front().outcome = Outcome::skipped;
    out.front().reasons = {gate["reason"].text("no pair ended")};
  }
  for (const View& metric : gate["metrics"].items()) {
    if (!metric["gates"].boolean().value_or(true)) continue;
    const Outcome outcome = outcome_of(metric["outcome"]);
    Case one{.name = metric["metric"].text("?"), .group = "gate", .outcome = outcome};
    if (outcome != Outcome::passed) {
      one.reasons = {metric["reason"].text("not judged: " + gate["reason"].text("no pair ended"))};
    }
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<Case> cases_of(const View& record) {
  if (record["gate"]) return cases_of_gate(record["gate"]);
  std::vector<Case> out;
  for (const View& trial : record["trials"].items()) out.push_back(case_of(record, trial));
  for (Case& one : cases_not_run(record)) out.push_back(std::move(one));
  return out;
}

// What is true of the run and no trial's case says.
std::optional<Case> case_of_run(const View& record, const std::vector<Case>& trials) {
  Case out{.name = "the run as a whole", .group = "run"};
  const View verdict = record["verdict"];
  if (is_partial(record)) {
    const bool interrupted = record["run"]["interrupted"].boolean().value_or(false);
    out.outcome = Outcome::error;
    out.reasons = {interrupted ? "the run was interrupted" : "the run did not end by itself"};
  } else if (trials.empty()) {
    out.outcome = Outcome::error;
    out.reasons = {"no trial ran"};
  } else {
    out.outcome = outcome_of(verdict["overall"]);
    out.reasons = texts(verdict["reasons"]);
    const bool said =
        std::ranges::any_of(trials, [&](const Case& one) { return one.outcome >= out.outcome; });
    if (said || out.outcome == Outcome::passed) return std::nullopt;
  }
  if (out.reasons.empty()) out.reasons = {"its verdict is " + verdict["overall"].text("unknown")};
  return out;
}

std::string time_attribute(const std::optional<double>& seconds) {
  if (!seconds || !(*seconds >= 0) || *seconds > 1e9) return "";
  return " time=\"" + decimal(*seconds, 3) + "\"";
}

std::string text_of(const Case& one, const std::string& scenario) {
  std::string out = "    <testcase name=\"" + escape(one_line(one.name)) + "\" classname=\"" +
                    escape(one_line(without_dots(scenario) + "." + without_dots(one.group))) +
                    "\"" + time_attribute(one.time_s);
  if (one.outcome == Outcome::passed) return out + "/>\n";
  const std::string element = element_of(one.outcome);
  const std::string first = one.reasons.empty() ? "no reason was recorded" : one.reasons.front();
  out += ">\n      <" + element + " message=\"" + escape(one_line(first)) + "\"";
  if (one.outcome != Outcome::skipped) out += " type=\"" + element + "\"";
  return out + ">" + escape(join(one.reasons, "\n")) + "</" + element + ">\n    </testcase>\n";
}

std::string counts(const std::vector<Case>& cases) {
  const auto of = [&](Outcome outcome) {
    return std::to_string(std::ranges::count(cases, outcome, &Case::outcome));
  };
  return " tests=\"" + std::to_string(cases.size()) + "\" failures=\"" + of(Outcome::failure) +
         "\" errors=\"" + of(Outcome::error) + "\" skipped=\"" + of(Outcome::skipped) + "\"";
}

std::string properties(const View& record) {
  std::string out;
  const auto property = [&](const std::string& name, const View& value) {
    if (!value) return;
    out += "      <property name=\"" + escape(one_line(name)) + "\" value=\"" +
           escape(one_line(value.text())) + "\"/>\n";
  };
  property("run", record["run"]["id"]);
  property("seed", record["run"]["seed"]);
  property("cluster", record["cluster"]["kind"]);
  property("kafka", record["cluster"]["version"]);
  property("verdict", record["verdict"]["overall"]);
  for (const auto& [key, value] : record["labels"].entries()) property("label." + key, value);
  return out.empty() ? "" : "    <properties>\n" + out + "    </properties>\n";
}

std::string render_junit(const View& record) {
  const std::string scenario = record["scenario"]["name"].text("scenario");
  std::vector<Case> cases = cases_of(record);
  if (auto of_run = case_of_run(record, cases)) cases.push_back(std::move(*of_run));
  const std::string numbers = counts(cases) + time_attribute(record["run"]["wall_s"].number());
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"seatrial\"" +
                    numbers + ">\n  <testsuite name=\"" + escape(one_line(scenario)) + "\"" +
                    numbers;
  if (const View started = record["run"]["started_at"])
    out += " timestamp=\"" + escape(one_line(started.text())) + "\"";
  out += ">\n" + properties(record);
  for (const Case& one : cases) out += text_of(one, scenario);
  return out + "  </testsuite>\n</testsuites>\n";
}

class JunitReport final : public Report {
 public:
  [[nodiscard]] std::string render(const record::RunRecord& record) const override {
    return render_junit(record.view());
  }
};

const Registration<Report> registered{{
    .name = "junit",
    .help = "JUnit XML, a test case for each trial: test reports of Jenkins, GitLab and others",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Report> {
      return std::make_unique<JunitReport>();
    },
}};

}  // namespace
}  // namespace seatrial::reports
