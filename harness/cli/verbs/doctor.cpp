// seatrial doctor: whether this machine is fit to measure on, and which faults it can do.
#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/verb.hpp"
#include "run/actions.hpp"
#include "run/doctor.hpp"

namespace seatrial::cli {
namespace {

class Doctor final : public Verb {
 public:
  void declare(CLI::App& line) override {
    line.add_option("--format", format_, "text or json")->check(CLI::IsMember({"text", "json"}));
  }
  [[nodiscard]] std::string example() const override { return "doctor"; }
  int run(const std::string&) override {
    const auto grades = run::grade(run::examine_machine({}), run::usual_needs());
    const auto actions = run::list_actions(run::why_unavailable);
    if (format_ == "json") {
      auto out = run::to_json(grades);
      out["actions"] = run::actions_to_json(actions);
      std::cout << out.dump(2) << "\n";
    } else {
      std::cout << run::to_text(grades) << "\n" << run::actions_to_text(actions);
    }
    return run::is_fit(grades) ? 0 : 2;
  }

 private:
  std::string format_ = "text";
};

const auto doctor_registration = register_verb<Doctor>(
    "doctor", "grade this machine, say what to change, and which faults it can do");

}  // namespace
}  // namespace seatrial::cli
