// Reading a trial.
#include "capacity/passes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>

#include "judge/metrics.hpp"
#include "scenario/expectation.hpp"
#include "statistics/theil_sen.hpp"

namespace seatrial::capacity {
namespace {

// As wide as where a pair of a gate is void: loads of a search are judged by bounds, and a little
// that others do is noise which repeated trials reckon with.
constexpr double most_foreign_cores = 0.5, most_stolen = 0.1;
constexpr double most_hiccup_ns = 20e6;
// Beyond it the load itself keeps the cores, and whoever waits for one, from standing still.
constexpr double busy_machine = 0.85;
constexpr double most_queue_full = 0.05;  // of the lanes' time
constexpr double lag_confidence = 0.9;
constexpr std::size_t least_seconds = 4;  // of a slope

struct PhaseSpan {
  double from_s = 0, to_s = 0;
};

PhaseSpan phase_of(const View& trial, std::string_view name) {
  for (const View& phase : trial["phases"].items()) {
    if (phase["name"].is(name)) return {phase["from_s"].number_or(0), phase["to_s"].number_or(0)};
  }
  return {};
}

bool is_searched(const View& named, const char* key, const PassRules& rules) {
  return std::ranges::find(rules.workloads, named[key].text()) != rules.workloads.end();
}

bool is_answered(const View& trial, const std::string& workload) {
  return !trial["contract"]["workloads"][workload]["acks"].is("0");
}

// Of the searched workloads that are answered, by second of measure.
struct Seconds {
  double intended = 0, acked = 0, failed = 0;
  std::vector<statistics::Point> lag;
};

Seconds seconds_of(const View& trial, const PassRules& rules) {
  const double end = phase_of(trial, "measure").to_s;
  struct Second {
    double length = 1, due = 0, done = 0;
  };
  std::map<double, Second> by_second;
  Seconds out;
  for (const View& series : trial["series"].items()) {
    if (!is_searched(series, "workload", rules) || !is_answered(trial, series["workload"].text()))
      continue;
    for (const View& point : series["points"].items()) {
      const double at = point["t_s"].number_or(-1);
      if (at < 0 || at >= end) continue;
      Second& second = by_second[at];
      second.length = point["length_s"].number_or(1);
      second.due += point["intended"].number_or(0);
      second.done += point["done_acked"].number_or(0);
      out.failed += point["failed"].number_or(0) + point["unknown"].number_or(0);
    }
  }
  for (const auto& [at, second] : by_second) {
    out.intended += second.due;
    out.acked += second.done;
    out.lag.push_back({at + second.length, out.intended - out.acked});
  }
  return out;
}

std::optional<double> mean_generator_cpu(const View& trial) {
  const double end = phase_of(trial, "measure").to_s;
  double sum = 0, length = 0;
  for (const View& point : trial["machine"].items()) {
    const double at = point["t_s"].number_or(-1);
    const auto cpu = point["generator_cpu"].number();
    if (at < 0 || at >= end || !cpu) continue;
    const double of = point["length_s"].number_or(1);
    sum += *cpu * of;
    length += of;
  }
  return length > 0 ? std::optional(sum / length) : std::nullopt;
}

std::optional<double> sum_of_brokers_cpu(const View& trial) {
  std::optional<double> out;
  for (const View& node : trial["brokers"].items()) {
    if (const auto cpu = node["cpu"].number()) out = out.value_or(0) + *cpu;
  }
  return out;
}

double took(const View& trial) {
  double from = 0, to = 0;
  for (const View& phase : trial["phases"].items()) {
    from = std::min(from, phase["from_s"].number_or(0));
    to = std::max(to, phase["to_s"].number_or(0));
  }
  return to - from + trial["first_ack_s"].number_or(0);
}

// What keeps a trial from saying anything, whatever it measured.
std::vector<Reason> disturbances(const View& trial) {
  std::vector<Reason> out;
  if (!trial["status"].is("finished"))
    out.push_back({"not_run", "it did not run: " + trial["error"].text("it has no end")});
  if (trial["verdict"].is("invalid")) {
    out.push_back(
        {"untested", trial["reasons"].at(0).text("what was to disturb it had no effect")});
  }
  const View generator = trial["generator"];
  if (const double cores = generator["foreign_cores"].number_or(0); cores > most_foreign_cores)
    out.push_back({"foreign", fmt::format("other processes used {:.2g} cores", cores)});
  if (const double share = generator["steal_share"].number_or(0); share > most_stolen) {
    out.push_back({"stolen", fmt::format("other machines of its host took {:.0f} % of this one's "
                                         "cores",
                                         share * 100)});
  }
  const double hiccup = generator["hiccup_p999_ns"].number_or(0);
  if (hiccup > most_hiccup_ns && generator["busy_share"].number_or(1) < busy_machine) {
    out.push_back({"hiccups", fmt::format("one moment of the machine in a thousand stood still for "
                                          "{:.0f} ms or longer, although it was not busy",
                                          hiccup / 1e6)});
  }
  return out;
}

// The share of its lanes' time in which the workload's queue was full.
double queue_full(const View& trial, const View& workload) {
  const PhaseSpan warmup = phase_of(trial, "warmup"), measure = phase_of(trial, "measure");
  const double loaded = measure.to_s - warmup.from_s;
  const double lanes = workload["lanes"].number_or(0);
  if (loaded <= 0 || lanes <= 0) return 0;
  return workload["backpressure_ns"].number_or(0) / 1e9 / (lanes * loaded);
}

// What held the load up on this side of the wire: a full queue is the cluster's doing.
void add_load(const View& trial, std::vector<Reason>& generator, std::vector<Reason>& failed) {
  for (const View& workload : trial["workloads"].items()) {
    const std::string name = workload["name"].text();
    const double full = queue_full(trial, workload);
    if (full > most_queue_full) {
      failed.push_back({"queue", fmt::format("the client queues of '{}' were full {:.0f} % of the "
                                             "time",
                                             name, std::min(full, 1.0) * 100)});
    } else if (workload["generator_limited"]) {
      generator.push_back({"generator", "'" + name + "': " + workload["generator_limited"].text()});
    }
    if (workload["falls_behind"])
      failed.push_back(
          {"steady", "'" + name + "' fell behind: " + workload["falls_behind"].text()});
  }
}

constexpr double long_enough_ns = 5e9;  // to see that a load is steady

void add_steadiness(const View& trial, std::vector<Reason>& failed) {
  const View warmup = trial["warmup"];
  if (warmup["steady"].boolean() != false || warmup["at_most_ns"].number_or(0) < long_enough_ns)
    return;
  std::string why = "the load was not steady when measure began";
  for (const View& waited : warmup["waited_for"].items()) why += ": " + waited["last"].text();
  failed.push_back({"steady", std::move(why)});
}

void add_flow(const View& trial, const PassRules& rules, Seen& seen, std::vector<Reason>& failed) {
  const Seconds of = seconds_of(trial, rules);
  const PhaseSpan measure = phase_of(trial, "measure");
  if (of.intended <= 0 || measure.to_s <= 0) return;
  seen.offered_per_s = of.intended / measure.to_s;
  seen.achieved_share = of.acked / of.intended;
  seen.error_share = of.failed / of.intended;
  if (*seen.achieved_share < rules.achieved) {
    failed.push_back({"achieved", fmt::format("{:.1f} % of what fell due within measure was acked "
                                              "within it, and {:.0f} % must be",
                                              *seen.achieved_share * 100, rules.achieved * 100)});
  }
  if (*seen.error_share > rules.errors) {
    failed.push_back({"errors", fmt::format("{:.2g} % of the messages failed or stayed unknown",
                                            *seen.error_share * 100)});
  }
  if (of.lag.size() < least_seconds) return;
  const auto slope = statistics::theil_sen(of.lag, lag_confidence);
  seen.lag_slope = slope.value;
  seen.lag_slope_high = slope.high;
  if (slope.high <= rules.lag * *seen.offered_per_s) return;
  failed.push_back({"lag", fmt::format("what was due and not acked grew by {:.0f} messages a "
                                       "second, or by up to {:.0f}, more than {:.0f} % of the load",
                                       slope.value, slope.high, rules.lag * 100)});
}

void add_targets(const View& trial, const PassRules& rules, Seen& seen, std::vector<Reason>& failed,
                 std::vector<Reason>& unknown) {
  for (const auto& target : rules.targets) {
    const scenario::TrialMetrics one{
        .trial = static_cast<int>(trial["index"].count()),
        .axes = {},
        .value = [&](const auto& asked) { return judge::measured(asked, trial); }};
    const auto found = scenario::evaluate(target, std::span(&one, 1));
    const Measured measured = judge::measured(target, trial);
    seen.targets.push_back(
        {.that = target.text,
         .value = measured.known() ? std::optional(measured.least) : std::nullopt,
         .held = found.outcome == scenario::ExpectationOutcome::held});
    if (found.outcome == scenario::ExpectationOutcome::held) continue;
    const bool missed = found.outcome == scenario::ExpectationOutcome::failed;
    std::string text = target.text + ": " + found.observed;
    if (!found.why.empty()) text += ": " + found.why;
    (missed ? failed : unknown)
        .push_back({target.metric == "acked_lost" ? "lost" : "target", std::move(text)});
  }
}

}  // namespace

Seen seen_in(const View& trial, const PassRules& rules) {
  Seen out{.brokers_cpu = sum_of_brokers_cpu(trial),
           .generator_cpu = mean_generator_cpu(trial),
           .took_s = took(trial)};
  out.reasons = disturbances(trial);
  if (!out.reasons.empty()) return out;
  std::vector<Reason> generator, failed, unknown;
  add_targets(trial, rules, out, failed, unknown);
  add_flow(trial, rules, out, failed);
  add_steadiness(trial, failed);
  add_load(trial, generator, failed);
  if (!generator.empty()) {
    out.outcome = TrialOutcome::generator;
    out.reasons = std::move(generator);
  } else if (!failed.empty()) {
    out.outcome = TrialOutcome::failed;
    out.reasons = std::move(failed);
  } else if (!unknown.empty()) {
    out.reasons = std::move(unknown);
  } else {
    out.outcome = TrialOutcome::passed;
  }
  return out;
}

}  // namespace seatrial::capacity
