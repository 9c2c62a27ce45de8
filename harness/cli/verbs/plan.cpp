// seatrial plan: what would run, without running it.
#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/certificate_file.hpp"
#include "cli/gate_arguments.hpp"
#include "cli/verb.hpp"
#include "core/check.hpp"
#include "core/json_text.hpp"
#include "gate/plan_text.hpp"
#include "scenario/plan_text.hpp"
#include "scenario/timeline_text.hpp"

namespace seatrial::cli {
namespace {

class Plan final : public Verb {
 public:
  void declare(CLI::App& line) override {
    arguments_.declare(line);
    line.add_option("--format", format_, "text or json")->check(CLI::IsMember({"text", "json"}));
    line.add_option("--replay", replay_,
                    "print the trial of that number as a scenario of its own, whose timeline says "
                    "what was drawn");
  }
  [[nodiscard]] std::string example() const override { return "plan scenarios/quickstart.yaml"; }
  [[nodiscard]] const char* on_stop() const override { return ""; }
  int run(const std::string&) override {
    const scenario::Plan plan = arguments_.scenario.load();
    print_warnings(plan);
    if (replay_) {
      std::cout << replay_of(plan, *replay_);
    } else if (format_ == "json") {
      std::cout << json_text(scenario::plan_to_json(plan), 2) << "\n";
    } else {
      std::cout << scenario::plan_to_text(plan);
      if (arguments_.asked(plan)) print_gate();
    }
    return 0;
  }

 private:
  static std::string replay_of(const scenario::Plan& plan, std::size_t index) {
    if (index >= plan.trials.size()) {
      throw UsageError("--replay: trials of this plan are 0 to " +
                       std::to_string(plan.trials.size() - 1));
    }
    const auto& trial = plan.trials[index];
    return with_timeline(plan.text, trial.axes, trial.timeline);
  }

  void print_gate() const {
    LoadedGate gate = arguments_.load();
    add_certificate(gate);
    for (const auto& warning : gate::warnings_of(gate.setting, gate.pairs))
      std::cerr << "warning: " << warning << "\n";
    std::cout << "\n" << gate::plan_to_text(gate.setting, gate.pairs);
  }

  GateArguments arguments_;
  std::string format_ = "text";
  std::optional<std::size_t> replay_;
};

const auto plan_registration =
    register_verb<Plan>("plan", "print what would run, how long, and what it needs");

}  // namespace
}  // namespace seatrial::cli
