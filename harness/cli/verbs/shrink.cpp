// seatrial shrink: the fewest faults of a run that still fail, as a scenario.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "cli/errors.hpp"
#include "cli/preparation.hpp"
#include "cli/progress_printer.hpp"
#include "cli/records.hpp"
#include "cli/scenario_arguments.hpp"
#include "cli/shrinking.hpp"
#include "cli/sweep.hpp"
#include "cli/verb.hpp"
#include "clusters/process.hpp"
#include "core/check.hpp"
#include "core/counted.hpp"
#include "core/file_text.hpp"
#include "core/save_file.hpp"
#include "core/units.hpp"
#include "run/runner.hpp"
#include "scenario/plan_text.hpp"
#include "scenario/timeline_text.hpp"

namespace seatrial::cli {
namespace {

namespace fs = std::filesystem;

void require_saved(const std::optional<std::string>& error) {
  if (error) throw InfrastructureError(*error);
}

// The trial that is shrunk, as its record tells of it and as the plan has it.
struct Failing {
  scenario::Plan plan;  // of that trial alone
  FailureSignature signature;
  int number = 0;  // in the run
};

class Shrink final : public Verb {
 public:
  void declare(CLI::App& line) override {
    line.add_option("run", run_, "the run's folder")->required();
    line.add_option("--trial", trial_, "its number; default: the first that failed");
    line.add_option("--signature", anomaly_,
                    "the anomaly that must show, as acked-lost; default: the trial's first");
    line.add_option("--budget", budget_, "time for the whole search")->capture_default_str();
    line.add_option("--set", settings_, "as of the run, whose record does not hold them")
        ->allow_extra_args(false);
    line.add_option("--out", out_, "where the search is kept; default: shrink in the run's folder");
  }
  [[nodiscard]] std::string example() const override { return "shrink results/latest"; }
  [[nodiscard]] const char* on_stop() const override {
    return ": faults are healed and the cluster is taken down; the same command goes on";
  }

  int run(const std::string& command) override {
    const auto budget = parse_duration(budget_);
    if (!budget) throw UsageError("--budget: " + budget.error().message);
    deadline_ = now() + *budget;
    const fs::path folder = run_folder(run_);
    if (out_.empty()) out_ = folder / "shrink";
    fs::create_directories(out_);
    const auto record = load_record(folder);
    const Failing failing = find(record);
    sweep(out_, false);
    const clusters::Choice choice = choose_kind(failing.plan, {});
    const auto& timeline = failing.plan.trials.front().timeline;
    const std::string search =
        to_string(failing.signature) + " in trial " + std::to_string(failing.number);
    std::cout << "shrink:   " << counted(timeline.size(), "fault") << " until none can be left out"
              << " and " << search << " still shows; at most " << format_duration(*budget) << "\n"
              << "cluster:  " << choice.kind << ", " << choice.reason << std::endl;
    auto state = read_state(out_ / "state.json", search);
    const auto end = chaos::shrink(
        {.halvings = possible_halvings(timeline),
         .run = [&](const auto& c) { return try_one(c, failing, kind_of(choice), command); },
         .save = [&](const auto& now_known) { save(now_known, failing, search); },
         .enough = [&] { return now() >= deadline_; }},
        state);
    return conclude(end, state, failing);
  }

 private:
  Failing find(const record::RunRecord& record) const {
    const auto trials = record["trials"].items();
    for (std::size_t i = 0; i < trials.size(); ++i) {
      if (trial_ && *trial_ != i) continue;
      const auto signature = signature_of(trials[i], anomaly_);
      if (!signature) continue;
      return {.plan = plan_of(record, trials[i]),
              .signature = *signature,
              .number = static_cast<int>(i)};
    }
    throw UsageError(run_.string() + ": " +
                     (trial_ ? "trial " + std::to_string(*trial_) : std::string("no trial")) +
                     " has a finding" + (anomaly_.empty() ? "" : " of " + anomaly_) +
                     " that could be shrunk");
  }

  // The plan of that trial, drawn anew from the run's seed.
  scenario::Plan plan_of(const record::RunRecord& record, const View& trial) const {
    ScenarioArguments arguments;
    arguments.settings = settings_;
    arguments.scenario = record["scenario"]["path"].text();
    const std::string text = record["scenario"]["text"].text();
    if (file_text(arguments.scenario).value_or("") != text) {
      arguments.scenario = (out_ / "original.yaml").string();
      require_saved(save_file(arguments.scenario, text));
    }
    arguments.cluster = record["cluster"]["kind"].text();
    arguments.seed = record["run"]["seed"].json();
    arguments.only = {trial["variant"].text()};
    arguments.repeat = std::to_string(trial["repeat"].count() + 1);
    scenario::Plan plan = arguments.load();
    std::erase_if(plan.trials, [&](const auto& one) {
      return static_cast<std::uint64_t>(one.repeat) != trial["repeat"].count();
    });
    if (plan.trials.size() != 1 || !is_the_same(plan.trials.front(), trial)) {
      throw UsageError(run_.string() +
                       ": its faults cannot be drawn anew from its scenario and seed; were there "
                       "settings, give them by --set as well: " +
                       record["run"]["command"].text());
    }
    plan.trials.front().index = 0;
    plan.trials.front().repeat = 0;
    plan.trials.front().chaos.reset();
    plan.expectations.clear();
    plan.show.clear();
    plan.gate.reset();
    return plan;
  }

  static bool is_the_same(const scenario::TrialPlan& plan, const View& trial) {
    const auto faults = trial["faults"].items();
    if (faults.size() != plan.timeline.size()) return false;
    for (std::size_t i = 0; i < faults.size(); ++i) {
      const auto& fault = plan.timeline[i];
      if (!faults[i]["action"].is(fault.action) ||
          !faults[i]["target"].is(to_string(fault.target)) ||
          !faults[i]["trigger"].is(describe(fault.trigger))) {
        return false;
      }
    }
    return true;
  }

  static scenario::Plan with(const Failing& failing, const chaos::Candidate& candidate) {
    scenario::Plan plan = failing.plan;
    auto& trial = plan.trials.front();
    trial.timeline = timeline_of(candidate, trial.timeline);
    plan.text = with_timeline(plan.text, trial.axes, trial.timeline);
    return plan;
  }

  chaos::Outcome try_one(const chaos::Candidate& candidate, const Failing& failing,
                         const ClusterKind& kind, const std::string& command) {
    const scenario::Plan plan = with(failing, candidate);
    std::cout << "try:      faults " << chaos::to_string(candidate) << std::endl;
    ProgressPrinter progress(1);
    const auto result = run::run_plan(
        {.plan = plan,
         .kind = kind,
         .kind_reason = "that of the run",
         .results = out_ / "runs",
         .command = command,
         .progress = [&](const auto& trial, const auto& p) { progress.show(trial, p); },
         .wrap = {}},
        clusters::program_stop());
    progress.end();
    stop_if_asked();
    const auto outcome = outcome_of(result.record.trial(0), failing.signature);
    std::cout << (outcome == chaos::Outcome::fails    ? "          fails"
                  : outcome == chaos::Outcome::passes ? "          passes"
                                                      : "          says nothing")
              << std::endl;
    return outcome;
  }

  void save(const chaos::ShrinkState& state, const Failing& failing, const std::string& search) {
    require_saved(save_state(out_ / "state.json", state, search));
    if (!state.best.empty())
      require_saved(save_file(out_ / "shrunk.yaml", with(failing, state.best).text));
  }

  int conclude(chaos::ShrinkEnd end, const chaos::ShrinkState& state,
               const Failing& failing) const {
    if (end == chaos::ShrinkEnd::not_reproduced) {
      std::cout << "not reproduced: " << to_string(failing.signature)
                << " did not show again in five runs of the same faults\n";
      return 1;
    }
    if (state.best.empty()) {
      std::cout << "budget is over before the failure was seen again; the same command goes on\n";
      return 2;
    }
    const auto timeline = with(failing, state.best).trials.front().timeline;
    std::cout << (end == chaos::ShrinkEnd::minimal ? "minimal:  " : "budget is over; best so far: ")
              << counted(timeline.size(), "fault") << " of "
              << failing.plan.trials.front().timeline.size() << ", failed in " << state.failed
              << " of " << counted(static_cast<std::uint64_t>(state.runs), "run") << "\n";
    for (const auto& fault : timeline) std::cout << "          " << describe(fault) << "\n";
    std::cout << "written:  " << (out_ / "shrunk.yaml").string() << "\n";
    return end == chaos::ShrinkEnd::minimal ? 0 : 2;
  }

  fs::path run_;
  std::optional<std::size_t> trial_;
  std::string anomaly_;
  std::string budget_ = "1h";
  std::vector<std::string> settings_;
  fs::path out_;
  Instant deadline_{};
};

const auto shrink_registration =
    register_verb<Shrink>("shrink", "reduce a failing run's faults to the fewest that still fail");

}  // namespace
}  // namespace seatrial::cli
