// seatrial run: every trial of a scenario, the verdict, the page.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "cli/errors.hpp"
#include "cli/labels.hpp"
#include "cli/progress_printer.hpp"
#include "cli/records.hpp"
#include "cli/scenario_arguments.hpp"
#include "cli/sweep.hpp"
#include "cli/verb.hpp"
#include "clusters/choose.hpp"
#include "clusters/process.hpp"
#include "clusters/property_definitions.hpp"
#include "core/check.hpp"
#include "core/counted.hpp"
#include "record/resume.hpp"
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

// The folder to go on in, with `latest` resolved; empty for a new run.
fs::path folder_to_resume(const fs::path& resume, const scenario::Plan& plan) {
  if (resume.empty()) return {};
  const std::string flag = "--resume " + resume.string() + ": ";
  if (const auto why = record::not_resumable(load_record(resume), plan))
    throw UsageError(flag + *why);
  return fs::canonical(resume);
}

// Containers are configured through their environment, which the engine shows to all who may ask
// it.
bool would_show_secrets(const scenario::Plan& plan) {
  return std::ranges::any_of(plan.trials, [&](const scenario::TrialPlan& trial) {
    return std::ranges::any_of(trial.cluster.config, [&](const auto& entry) {
      return scenario::redact(plan, entry.second) != entry.second;
    });
  });
}

// The kind that the scenario gets; a run that goes on stays on the kind it had.
clusters::Choice choose_kind(const scenario::Plan& plan, const fs::path& resume) {
  ClusterSpec spec = plan.trials.front().cluster;
  if (!resume.empty())
    spec.kind = record::load_record(resume)->record["cluster"]["kind"].text(spec.kind);
  const bool secret = (spec.kind == "compose" || spec.kind == "auto") && would_show_secrets(plan);
  if (secret && spec.kind == "compose") {
    throw UsageError(
        "cluster.config has a value from the environment, and containers would show it to all who "
        "may ask the engine (docker inspect): run it with --cluster local, or write the value out");
  }
  if (secret) spec.kind = "local";
  auto choice = clusters::choose(spec);
  if (choice && secret) choice->reason = "containers would show cluster.config's secrets";
  if (choice) return *choice;
  throw InfrastructureError(with_hint(choice.error()));
}

// The plan again, checked by the definitions of Kafka's properties where these were not known
// before. It fetches what the cluster needs anyway, but starts no broker.
void check_property_definitions(const ScenarioArguments& arguments, const std::string& kind,
                                const std::stop_token& stop, scenario::Plan& plan) {
  bool any = false;
  for (const auto& release : releases_of(plan)) {
    if (clusters::property_definitions(release)) continue;
    const auto learnt = clusters::learn_property_definitions(kind, release, stop);
    if (!learnt) throw InfrastructureError(with_hint(learnt.error()));
    any = any || learnt->has_value();
  }
  if (any) plan = arguments.load();
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
    const fs::path resume = folder_to_resume(resume_, plan);
    sweep(out_, false);
    stop_if_asked();
    const clusters::Choice choice = choose_kind(plan, resume);
    stop_if_asked();
    const ClusterKind* kind = ClusterKinds::instance().find(choice.kind);
    check(kind != nullptr, "the chosen cluster kind is registered");
    std::cout << "scenario: " << plan.path << ", " << counted(plan.trials.size(), "trial")
              << ", seed " << plan.seed << "\n"
              << "cluster:  " << choice.kind << ", " << choice.reason << std::endl;
    check_property_definitions(arguments_, choice.kind, clusters::program_stop(), plan);
    print_warnings(plan);
    ProgressPrinter progress(plan.trials.size());
    const auto result = run::run_plan(
        {.plan = plan,
         .kind = *kind,
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
    return show(result);
  }

 private:
  // What is printed before what is written: whatever becomes of the page, the verdict was told.
  [[nodiscard]] int show(const run::RunResult& result) const {
    for (const auto& report : usual_reports()) {
      if (delivery_of(report).file.empty()) std::cout << render(report, result.record);
    }
    std::cout << std::flush;
    if (keep_cluster_) print_kept(result.record);
    for (const auto& report : usual_reports()) {
      const Delivery delivery = delivery_of(report);
      if (delivery.file.empty()) continue;
      const fs::path file = result.folder / delivery.file;
      if (const auto problem = save_report(report, result.record, file)) {
        std::cerr << "seatrial: " << *problem << "; once that is mended: ./seatrial report "
                  << result.folder.string() << "\n";
        return result.exit_code == 0 ? 4 : result.exit_code;
      }
      std::cout << delivery.title << ": " << file.string() << "\n";
    }
    return result.exit_code;
  }

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
