// seatrial doctor: whether this machine is fit to measure on.
#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/verb.hpp"
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
    if (format_ == "json") std::cout << run::to_json(grades).dump(2) << "\n";
    else std::cout << run::to_text(grades);
    return run::is_fit(grades) ? 0 : 2;
  }

 private:
  std::string format_ = "text";
};

const auto doctor_registration = register_verb<Doctor>(
    "doctor", "grade this machine, and say what to change before measuring on it");

}  // namespace
}  // namespace seatrial::cli
