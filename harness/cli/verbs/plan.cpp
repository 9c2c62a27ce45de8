// seatrial plan: what would run, without running it.
#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/scenario_arguments.hpp"
#include "cli/verb.hpp"
#include "core/json_text.hpp"
#include "scenario/plan_text.hpp"

namespace seatrial::cli {
namespace {

class Plan final : public Verb {
 public:
  void declare(CLI::App& line) override {
    arguments_.declare(line);
    line.add_option("--format", format_, "text or json")->check(CLI::IsMember({"text", "json"}));
  }
  [[nodiscard]] std::string example() const override { return "plan scenarios/quickstart.yaml"; }
  [[nodiscard]] const char* on_stop() const override { return ""; }
  int run(const std::string&) override {
    const scenario::Plan plan = arguments_.load();
    print_warnings(plan);
    if (format_ == "json") {
      std::cout << json_text(scenario::plan_to_json(plan), 2) << "\n";
    } else {
      std::cout << scenario::plan_to_text(plan);
    }
    return 0;
  }

 private:
  ScenarioArguments arguments_;
  std::string format_ = "text";
};

const auto plan_registration =
    register_verb<Plan>("plan", "print what would run, how long, and what it needs");

}  // namespace
}  // namespace seatrial::cli
