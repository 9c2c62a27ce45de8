// seatrial capacity: how much load a cluster takes before it breaks a target.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "capacity/course.hpp"
#include "cli/capacity_arguments.hpp"
#include "cli/errors.hpp"
#include "cli/labels.hpp"
#include "cli/preparation.hpp"
#include "cli/progress_printer.hpp"
#include "cli/records.hpp"
#include "cli/sweep.hpp"
#include "cli/verb.hpp"
#include "clusters/process.hpp"
#include "core/check.hpp"
#include "run/runner.hpp"

namespace seatrial::cli {
namespace {

namespace fs = std::filesystem;

class Capacity final : public Verb {
 public:
  void declare(CLI::App& line) override {
    arguments_.declare(line);
    line.add_option("--out", out_, "where run folders go")->capture_default_str();
    line.add_option("--resume", resume_, "go on with the searches in this folder");
    line.add_option("--label", labels_, "KEY=VALUE for the record, as commit=1f2e3d4")
        ->allow_extra_args(false);
  }
  [[nodiscard]] std::string example() const override {
    return "capacity scenarios/capacity/produce.yaml --slo \"p99(produce.response) <= 20ms\"";
  }
  [[nodiscard]] const char* on_stop() const override {
    return ": faults are healed and the cluster is taken down";
  }
  int run(const std::string& command) override {
    const auto labels = parse_labels(labels_);  // refused before anything starts
    LoadedCapacity all = arguments_.load();
    const fs::path resume = resume_.empty() ? fs::path() : same(all);
    sweep(out_, false);
    stop_if_asked();
    const clusters::Choice choice = choose_kind(all.plan, resume);
    stop_if_asked();
    const ClusterKind& kind = kind_of(choice);
    if (learn_properties(all.plan, choice.kind)) all = arguments_.load();
    print_warnings(all.plan);
    all.setting.shared_machine = kind.has_processes;
    std::cout << "scenario:  " << all.plan.path << ", seed " << all.plan.seed << "\n"
              << capacity::plan_to_text(all.setting) << "cluster:   " << kind.name << ", "
              << choice.reason << std::endl;
    if (!kind.evidence_about_kafka)
      std::cout << "           the mock's capacity says nothing about Kafka's\n" << std::flush;
    capacity::CapacityCourse course(all.setting);
    ProgressPrinter progress(all.plan.trials.size(), true);
    std::string known;
    const auto result =
        run::run_plan({.plan = all.plan,
                       .kind = kind,
                       .kind_reason = choice.reason,
                       .results = out_,
                       .command = command,
                       .brokers_run_on = !all.setting.fresh_brokers,
                       .resume = resume,
                       .labels = labels,
                       .progress =
                           [&](const auto& trial, const auto& p) {
                             if (auto now_known = course.so_far(); now_known != known) {
                               progress.end();
                               known = std::move(now_known);
                               std::cout << known << std::endl;
                             }
                             progress.show(trial, p);
                           },
                       .wrap = {},
                       .course = &course},
                      clusters::program_stop());
    progress.end();
    print_verdict(result.record);
    return write_reports(result);
  }

 private:
  [[nodiscard]] fs::path same(const LoadedCapacity& all) const {
    const auto record = load_record(resume_);
    const std::string flag = "--resume " + resume_.string() + ": ";
    if (record["scenario"]["text"].text() != scenario::redact(all.plan, all.plan.text))
      throw UsageError(flag + "its scenario was another text; start a new run");
    if (const auto why = capacity::not_the_same(record.view(), all.setting))
      throw UsageError(flag + *why + "; its command was: " + record["run"]["command"].text());
    return fs::canonical(resume_);
  }

  CapacityArguments arguments_;
  fs::path out_ = "results";
  fs::path resume_;
  std::vector<std::string> labels_;
};

const auto capacity_registration = register_verb<Capacity>(
    "capacity", "search how much load a cluster takes before it breaks a target");

}  // namespace
}  // namespace seatrial::cli
