// The part of the command line that makes a gate of a scenario: what its sides set, and for how
// long it may run. Shared by the verbs that plan and run gates.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/scenario_arguments.hpp"
#include "gate/certificate.hpp"
#include "gate/course.hpp"

namespace seatrial::cli {

struct LoadedGate {
  scenario::Plan pairs;  // as many as there can be
  gate::Setting setting;
};

// To certify what gates can tell on this machine.
struct LoadedCertification {
  scenario::Plan pairs;
  gate::Gated gated;
  nanoseconds budget{0};
};

struct GateArguments {
  ScenarioArguments scenario;
  std::vector<std::string> baseline, candidate;  // `path=value`, or several with commas between
  std::optional<std::string> budget;

  void declare(CLI::App& line);
  // As the scenario has it, for those who take one only sometimes.
  [[nodiscard]] static std::string certifying_scenario();
  // Whether the command line, or the scenario, asks for a gate.
  [[nodiscard]] bool asked(const scenario::Plan& plan) const;
  // As ScenarioArguments::load; what is wrong with either side is told of that side.
  [[nodiscard]] LoadedGate load() const;
  // The candidate's trials alone, to be compared with a stored run.
  [[nodiscard]] LoadedGate load_against() const;
  // With the scenario named, or the one that comes along for it.
  [[nodiscard]] LoadedCertification load_certification() const;
};

// a=1,b.c=[1,2],d=x as a=1 and b.c=[1,2] and d=x: a comma parts where a setting follows.
[[nodiscard]] std::vector<std::string> split_settings(const std::string& text);

}  // namespace seatrial::cli
