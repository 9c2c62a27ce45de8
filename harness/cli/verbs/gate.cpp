// seatrial gate: whether a candidate is slower or dearer than its baseline, or loses messages.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "cli/certificate_file.hpp"
#include "cli/errors.hpp"
#include "cli/gate_arguments.hpp"
#include "cli/labels.hpp"
#include "cli/preparation.hpp"
#include "cli/progress_printer.hpp"
#include "cli/records.hpp"
#include "cli/sweep.hpp"
#include "cli/verb.hpp"
#include "clusters/process.hpp"
#include "core/check.hpp"
#include "core/units.hpp"
#include "gate/against.hpp"
#include "gate/certify.hpp"
#include "gate/plan_text.hpp"
#include "run/environment.hpp"
#include "run/runner.hpp"

namespace seatrial::cli {
namespace {

namespace fs = std::filesystem;

class GateVerb final : public Verb {
 public:
  void declare(CLI::App& line) override {
    arguments_.declare(line);
    line.add_option("--out", out_, "where run folders go")->capture_default_str();
    line.get_option("scenario")->required(false);
    line.add_option("--resume", resume_, "go on with the gate in this folder");
    line.add_option("--label", labels_, "KEY=VALUE for the record, as commit=1f2e3d4")
        ->allow_extra_args(false);
    line.add_option("--against", against_,
                    "a stored run of the same machine in the place of a baseline; weaker than "
                    "pairs");
    line.add_flag("--certify", certify_,
                  "measure what gates can tell on this machine: pairs of equals, and of slowdowns");
  }
  [[nodiscard]] std::string example() const override {
    return "gate scenarios/regression/produce.yaml --candidate cluster.version=4.3.1";
  }
  [[nodiscard]] const char* on_stop() const override {
    return ": faults are healed and the cluster is taken down";
  }
  int run(const std::string& command) override {
    static_cast<void>(parse_labels(labels_));  // refused before anything starts
    if (arguments_.scenario.scenario.empty()) {
      if (!certify_) throw UsageError("which scenario? " + example() + ", for instance");
      arguments_.scenario.scenario = GateArguments::certifying_scenario();
    }
    if (certify_) return certify(command);
    return against_.empty() ? compare(command) : compare_with_stored(command);
  }

 private:
  int compare(const std::string& command) {
    LoadedGate gate = arguments_.load();
    const fs::path resume = folder_to_resume(resume_, gate.pairs);
    if (!resume.empty()) require_same(resume, gate);
    const auto [kind, reason] = prepare(gate.pairs, resume);
    if (learn_properties(gate.pairs, kind->name)) gate = arguments_.load();
    add_certificate(gate);
    std::cout << "scenario:  " << gate.pairs.path << ", seed " << gate.pairs.seed << "\n"
              << gate::plan_to_text(gate.setting, gate.pairs) << "cluster:   " << kind->name << ", "
              << reason << std::endl;
    for (const auto& warning : gate::warnings_of(gate.setting, gate.pairs))
      std::cerr << "warning: " << warning << "\n";
    gate::GateCourse course(gate.setting);
    const auto result = run(gate.pairs, *kind, reason, command, resume, course);
    print_verdict(result.record);
    return write_reports(result);
  }

  int compare_with_stored(const std::string& command) {
    auto stored = load_record(run_folder(against_));
    LoadedGate gate = arguments_.load_against();
    const fs::path resume = folder_to_resume(resume_, gate.pairs);
    if (!resume.empty()) require_same(resume, gate);
    const auto [kind, reason] = prepare(gate.pairs, resume);
    if (const auto why =
            gate::not_a_baseline(stored.view(), gate.pairs, kind->name, this_machine()))
      throw UsageError("--against " + against_.string() + " is no baseline: " + *why);
    if (learn_properties(gate.pairs, kind->name)) gate = arguments_.load_against();
    std::cout << "scenario:  " << gate.pairs.path << ", seed " << gate.pairs.seed << "\n"
              << "gate:      " << gate.pairs.trials.size() << " trials of the candidate against "
              << stored["run"]["id"].text() << ", which is weaker than pairs\n"
              << "cluster:   " << kind->name << ", " << reason << std::endl;
    gate::AgainstCourse course(gate.setting, std::move(stored));
    const auto result = run(gate.pairs, *kind, reason, command, resume, course);
    print_verdict(result.record);
    return write_reports(result);
  }

  static void require_same(const fs::path& resume, const LoadedGate& gate) {
    const auto record = load_record(resume);
    const auto why = gate::not_the_same(record.view(), gate.setting, this_machine());
    if (!why) return;
    throw UsageError("--resume " + resume.string() + ": " + *why +
                     "; its command was: " + record["run"]["command"].text());
  }

  static std::map<std::string, std::string> this_machine() {
    return gate::machine_of(View(run::describe_environment({}, {})));
  }

  // Pairs of equals of another machine would certify this one.
  static void require_same_certification(const fs::path& resume) {
    const auto record = load_record(resume);
    const std::string flag = "--resume " + resume.string() + ": ";
    if (record["gate"]) throw UsageError(flag + "it is a gate, and no certification");
    const auto before = gate::machine_of(record["environment"]);
    if (const auto other = gate::differs(before, this_machine()))
      throw UsageError(flag + "it ran on another machine: " + *other);
  }

  int certify(const std::string& command) {
    LoadedCertification all = arguments_.load_certification();
    const fs::path resume = folder_to_resume(resume_, all.pairs);
    if (!resume.empty()) require_same_certification(resume);
    const auto [kind, reason] = prepare(all.pairs, resume);
    if (learn_properties(all.pairs, kind->name)) all = arguments_.load_certification();
    std::cout << "certify:   pairs of equals and of slowdowns of 5, 10 and 20 %, for "
              << format_duration(all.budget) << "; about "
              << format_duration(gate::pair_duration(all.pairs)) << " a pair\n"
              << "metric:    " << all.gated.text << "\n"
              << "cluster:   " << kind->name << ", " << reason << std::endl;
    gate::CertifyCourse course(all.gated, gate::Rules{}, all.budget);
    const auto result = run(all.pairs, *kind, reason, command, resume, course);
    print_verdict(result.record);
    if (result.exit_code == 0) save_certificate(course.certificate());
    return write_reports(result);
  }

  struct Prepared {
    const ClusterKind* kind;
    std::string reason;
  };
  [[nodiscard]] Prepared prepare(const scenario::Plan& pairs, const fs::path& resume) const {
    sweep(out_, false);
    stop_if_asked();
    const clusters::Choice choice = choose_kind(pairs, resume);
    stop_if_asked();
    print_warnings(pairs);
    return {&kind_of(choice), choice.reason};
  }

  [[nodiscard]] run::RunResult run(const scenario::Plan& pairs, const ClusterKind& kind,
                                   const std::string& reason, const std::string& command,
                                   const fs::path& resume, run::Course& course) const {
    ProgressPrinter progress(pairs.trials.size(), true);
    auto result = run::run_plan(
        {.plan = pairs,
         .kind = kind,
         .kind_reason = reason,
         .results = out_,
         .command = command,
         .resume = resume,
         .labels = parse_labels(labels_),
         .progress = [&](const auto& trial, const auto& p) { progress.show(trial, p); },
         .wrap = {},
         .course = &course},
        clusters::program_stop());
    progress.end();
    return result;
  }

  GateArguments arguments_;
  fs::path out_ = "results";
  fs::path resume_;
  std::vector<std::string> labels_;
  fs::path against_;
  bool certify_ = false;
};

const auto gate_registration =
    register_verb<GateVerb>("gate", "compare a candidate with its baseline, in pairs of trials");

}  // namespace
}  // namespace seatrial::cli
