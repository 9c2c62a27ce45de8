// seatrial run: every trial of a scenario, the verdict, the page.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "cli/errors.hpp"
#include "cli/labels.hpp"
#include "cli/preparation.hpp"
#include "cli/progress_printer.hpp"
#include "cli/records.hpp"
#include "cli/scenario_arguments.hpp"
#include "cli/sweep.hpp"
#include "cli/verb.hpp"
#include "clusters/process.hpp"
#include "core/check.hpp"
#include "core/counted.hpp"
#include "record/run_record.hpp"
#include "run/runner.hpp"

namespace seatrial::cli {
namespace {

namespace fs = std::filesystem;

// Where the brokers of --keep-cluster listen, and how they end.
void print_kept(const record::RunRecord& record) {
  const std::size_t trials = record["trials"].size();
  const View kept = record.trial(trials - std::min<std::size_t>(trials, 1))["kept"];
  if (!kept) {
    std::cout << "no brokers were kept: the last trial left none that outlive this process\n";
    return;
  }
  std::cout << "kept: the last trial's brokers listen on " << kept["bootstrap"].text()
            << " (security.protocol " << kept["protocol"].text() << ")\n"
            << "      ./seatrial down ends them; so does the next run\n";
}

// What a cluster is fitted with that is part of this process ends with it, and brokers that
// advertise a proxy's ports could be reached by nobody then.
void check_keepable(const scenario::Plan& plan) {
  if (plan.trials.empty()) return;
  const auto& gear = plan.trials.back().cluster.gear;
  if (gear.contains(Gear::disks))
    throw UsageError(
        "--keep-cluster: the disks of the last trial's brokers end with this process: leave the "
        "flag, or the faults of disks and power");
  if (!gear.contains(Gear::proxy)) return;
  throw UsageError(
      "--keep-cluster: the brokers of the last trial are reached through a proxy, which ends with "
      "this process: leave the flag, or the faults of network and requests and `proxy: true`");
}

class Run final : public Verb {
 public:
  void declare(CLI::App& line) override {
    arguments_.declare(line);
    line.add_option("--out", out_, "where run folders go")->capture_default_str();
    line.add_option("--resume", resume_,
                    "go on with the run in this folder: trials that it lacks, or more of --repeat");
    line.add_option("--label", labels_,
                    "KEY=VALUE for the record and its reports, as commit=1f2e3d4 (may be given "
                    "again)")
        ->allow_extra_args(false);
    line.add_flag("--keep-cluster", keep_cluster_, "leave the last trial's brokers running");
  }
  [[nodiscard]] std::string example() const override { return "run scenarios/quickstart.yaml"; }
  [[nodiscard]] const char* on_stop() const override {
    return ": faults are healed and the cluster is taken down";
  }
  int run(const std::string& command) override {
    const auto labels = parse_labels(labels_);
    scenario::Plan plan = arguments_.load();
    if (keep_cluster_) check_keepable(plan);
    const fs::path resume = folder_to_resume(resume_, plan);
    sweep(out_, false);
    stop_if_asked();
    const clusters::Choice choice = choose_kind(plan, resume);
    stop_if_asked();
    const ClusterKind& kind = kind_of(choice);
    std::cout << "scenario: " << plan.path << ", " << counted(plan.trials.size(), "trial")
              << ", seed " << plan.seed << "\n"
              << "cluster:  " << choice.kind << ", " << choice.reason << std::endl;
    if (learn_properties(plan, choice.kind)) plan = arguments_.load();
    print_warnings(plan);
    ProgressPrinter progress(plan.trials.size());
    const auto result = run::run_plan(
        {.plan = plan,
         .kind = kind,
         .kind_reason = choice.reason,
         .results = out_,
         .command = command,
         .keep_cluster = keep_cluster_,
         .resume = resume,
         .labels = labels,
         .progress = [&](const auto& trial, const auto& p) { progress.show(trial, p); },
         .wrap = {}},
        clusters::program_stop());
    progress.end();
    print_verdict(result.record);
    if (keep_cluster_) print_kept(result.record);
    return write_reports(result);
  }

 private:
  ScenarioArguments arguments_;
  fs::path out_ = "results";
  fs::path resume_;
  std::vector<std::string> labels_;
  bool keep_cluster_ = false;
};

const auto run_registration =
    register_verb<Run>("run", "run every trial of a scenario and judge it");

}  // namespace
}  // namespace seatrial::cli
