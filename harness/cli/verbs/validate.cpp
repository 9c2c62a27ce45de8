// seatrial validate: whether a scenario can be run.
#include <iostream>

#include "cli/scenario_arguments.hpp"
#include "cli/verb.hpp"
#include "core/counted.hpp"

namespace seatrial::cli {
namespace {

class Validate final : public Verb {
 public:
  void declare(CLI::App& line) override { arguments_.declare(line); }
  [[nodiscard]] std::string example() const override {
    return "validate scenarios/quickstart.yaml";
  }
  [[nodiscard]] const char* on_stop() const override { return ""; }
  int run(const std::string&) override {
    const scenario::Plan plan = arguments_.load();
    print_warnings(plan);
    std::cout << arguments_.scenario << ": valid, " << counted(plan.trials.size(), "trial") << "\n";
    return 0;
  }

 private:
  ScenarioArguments arguments_;
};

const auto validate_registration =
    register_verb<Validate>("validate", "check a scenario; nothing is started");

}  // namespace
}  // namespace seatrial::cli
