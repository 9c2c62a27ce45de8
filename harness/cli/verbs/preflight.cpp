// seatrial preflight: whether an external cluster lets a scenario do what it will do.
#include <CLI/CLI.hpp>
#include <iostream>

#include "cli/scenario_arguments.hpp"
#include "cli/verb.hpp"
#include "clusters/foreign_leftovers.hpp"
#include "clusters/process.hpp"
#include "core/check.hpp"
#include "core/units.hpp"
#include "run/names.hpp"
#include "run/preflight.hpp"

namespace seatrial::cli {
namespace {

class Preflight final : public Verb {
 public:
  void declare(CLI::App& line) override { arguments_.declare(line); }
  [[nodiscard]] std::string example() const override { return "preflight mine.yaml"; }
  [[nodiscard]] const char* on_stop() const override { return ""; }
  int run(const std::string&) override {
    const scenario::Plan plan = arguments_.load();
    print_warnings(plan);
    const auto& trial = plan.trials.front();
    if (trial.cluster.kind != "external") {
      throw UsageError("preflight asks a cluster that runs already, and " + plan.path +
                       " starts its own: give it cluster: {kind: external, bootstrap: ...}");
    }
    const std::string run =
        "preflight-" + std::to_string(plan.seed) + "-" +
        std::to_string(std::chrono::system_clock::now().time_since_epoch() / milliseconds(1));
    const clusters::RunLock lock(".", run);
    const std::string prefix = clusters::foreign_prefix(run);
    clusters::ForeignEntry note({.run_id = run,  // for `down`, should this be killed
                                 .bootstrap = trial.cluster.bootstrap,
                                 .properties_file = trial.cluster.properties_file,
                                 .topics = {prefix + "preflight"},
                                 .groups = {prefix + "preflight"}});
    const auto result =
        run::preflight(run::with_prefix(trial, prefix), now() + trial.cluster.start_budget,
                       clusters::program_stop());
    if (result.left.empty()) note.forget();
    std::cout << "cluster at " << trial.cluster.bootstrap << ", " << result.brokers << " brokers\n"
              << run::to_text(result, "seatrial-");
    const int code = run::exit_code(result);
    std::cout << (code == 0   ? "ready"
                  : code == 2 ? "it would run, with the doubts above"
                              : "it cannot run: " + run::why_not(result))
              << " (" << format_duration(std::chrono::ceil<milliseconds>(result.took)) << ")\n";
    return code;
  }

 private:
  ScenarioArguments arguments_;
};

const auto preflight_registration = register_verb<Preflight>(
    "preflight", "ask an external cluster for every right that a scenario needs");

}  // namespace
}  // namespace seatrial::cli
