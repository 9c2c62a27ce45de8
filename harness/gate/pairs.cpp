// Halves by their place in the record, metrics as expectations read them.
#include "gate/pairs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "gate/pairing.hpp"
#include "judge/metrics.hpp"
#include "scenario/expectation.hpp"

namespace seatrial::gate {
namespace {

// Wider than where a single run's latencies are no longer believed (judge/generator.hpp): both
// halves are disturbed alike by a little, and what is left is noise that the test reckons with.
constexpr double most_foreign_cores = 0.5, most_stolen = 0.1;
// On cores shared with other machines the control moves by a tenth within a second, and on cores of
// one's own by a hundredth. Both halves are hit alike by chance; whether one side was, judgement
// asks. Only what no test should have to reckon with makes a pair void.
constexpr double most_control_moved = 0.25;
// Lanes that stood still so long at a time are late by themselves.
constexpr double most_hiccup_ns = 20e6;
// Of a candidate that never settled: as much as would fail any gate.
const double settled_never = std::log(2.0);

bool has_ended(const View& trial) {
  return trial["verdict"].present() &&
         (trial["status"].is("finished") || trial["status"].is("error"));
}

bool is_unsteady(const View& trial) { return trial["warmup"]["steady"].boolean() == false; }

std::string half_name(const View& trial) { return trial["variant"].text(); }

void add_disturbances(const View& trial, std::vector<std::string>& voids) {
  const View generator = trial["generator"];
  const std::string start = half_name(trial) + ": ";
  const double foreign = generator["foreign_cores"].number_or(0);
  if (foreign > most_foreign_cores)
    voids.push_back(start + fmt::format("other processes used {:.2g} cores", foreign));
  const double stolen = generator["steal_share"].number_or(0);
  if (stolen > most_stolen) {
    voids.push_back(start + fmt::format("other machines of its host took {:.0f} % of this one's "
                                        "cores",
                                        stolen * 100));
  }
  const double hiccup = generator["hiccup_p999_ns"].number_or(0);
  if (hiccup > most_hiccup_ns) {
    voids.push_back(start + fmt::format("one moment of the machine in a thousand stood still for "
                                        "{:.0f} ms or longer",
                                        hiccup / 1e6));
  }
}

// Of a candidate that did not run, that is what is found.
void add_untested(const View& trial, std::vector<std::string>& voids) {
  if (trial["verdict"].is("invalid")) {
    voids.push_back(half_name(trial) + ": " +
                    trial["reasons"].at(0).text("it put nothing to the test"));
  }
  if (trial["status"].is("error") && trial["variant"].is(baseline_name))
    voids.push_back("baseline: it did not run: " + trial["error"].text());
}

void add_unsettled(const View& baseline, std::vector<std::string>& voids) {
  if (is_unsteady(baseline)) voids.emplace_back("baseline: it did not become steady");
  for (const View& workload : baseline["workloads"].items()) {
    if (const auto why = workload["generator_limited"].text(); !why.empty())
      voids.push_back("baseline: " + workload["name"].text() + ": " + why);
  }
}

std::optional<double> moved(const View& first, const View& second) {
  const auto a = first["calibration_ns"].number(), b = second["calibration_ns"].number();
  if (!a || !b || *a <= 0) return std::nullopt;
  return *b / *a - 1;
}

// As if no doubt were cast on what the trial measured by the clock: whoever asks knows of the
// doubts.
Measured believed(const MetricQuestion& question, const View& trial) {
  auto plain = nlohmann::json::parse(trial.json());
  plain.erase("latency_unknown");
  if (plain.contains("generator")) plain["generator"].erase("taken_share");
  for (auto& workload : plain["workloads"]) {
    workload.erase("generator_limited");
    workload.erase("falls_behind");
  }
  return judge::measured(question, View(plain));
}

// Which is the same on a noisy machine, and of a load that is not steady.
bool is_count(const Gated& gated) {
  const auto* metric = scenario::find_metric(gated.question.metric);
  return gated.exact || (metric != nullptr && metric->kind == MetricKind::count);
}

Compared compare(const Gated& gated, const Pair& pair) {
  Compared out;
  const Measured baseline = believed(gated.question, pair.baseline);
  if (baseline.known()) out.baseline = baseline.least;
  else out.why = "baseline: " + baseline.why;
  const bool ran = !pair.candidate["status"].is("error");
  const Measured candidate =
      ran ? believed(gated.question, pair.candidate) : Measured::nothing("it did not run");
  if (candidate.known()) out.candidate = candidate.least;
  else if (out.why.empty()) out.why = "candidate: " + candidate.why;
  if (out.baseline && out.candidate)
    out.effect = effect(*out.baseline, *out.candidate, gated.more_is_better);
  if (!ran) {
    out.effect = settled_never;
    out.why = "the candidate did not run: counted as twice as bad";
  } else if (is_unsteady(pair.candidate) && !is_count(gated)) {
    out.effect = std::max(out.effect.value_or(0), settled_never);
    out.why = "the candidate did not become steady: counted as at least twice as bad";
  }
  return out;
}

bool needs_quiet(const std::vector<Gated>& gated) {
  return std::ranges::any_of(gated,
                             [](const Gated& metric) { return metric.gates && !is_count(metric); });
}

void add_noise(const View& first, const View& second, Pair& out) {
  add_unsettled(out.baseline, out.voids);
  for (const View* half : {&first, &second}) add_disturbances(*half, out.voids);
  if (std::abs(out.control_moved.value_or(0)) <= most_control_moved) return;
  out.voids.push_back(fmt::format(
      "control: the same piece of work took {:+.1f} % before the second half: the machine itself "
      "changed",
      *out.control_moved * 100));
}

Pair read_pair(const View& first, const View& second, int number, const std::vector<Gated>& gated) {
  Pair out{.number = number, .candidate_first = first["variant"].is(candidate_name)};
  out.baseline = out.candidate_first ? second : first;
  out.candidate = out.candidate_first ? first : second;
  out.control_moved = moved(first, second);
  for (const View* half : {&first, &second}) add_untested(*half, out.voids);
  if (needs_quiet(gated)) add_noise(first, second, out);
  for (const Gated& metric : gated) out.metrics.push_back(compare(metric, out));
  return out;
}

}  // namespace

std::vector<Pair> read_pairs(const View& record, const std::vector<Gated>& gated) {
  std::vector<Pair> out;
  const std::vector<View> trials = record["trials"].items();
  for (std::size_t i = 0; i + 1 < trials.size(); i += 2) {
    if (!has_ended(trials[i]) || !has_ended(trials[i + 1])) continue;
    out.push_back(read_pair(trials[i], trials[i + 1], static_cast<int>(i / 2), gated));
  }
  return out;
}

}  // namespace seatrial::gate
