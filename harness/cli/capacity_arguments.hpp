// The part of the command line that makes searches for a capacity of a scenario.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "capacity/setting.hpp"
#include "cli/scenario_arguments.hpp"

namespace seatrial::cli {

struct LoadedCapacity {
  scenario::Plan plan;  // as many trials as there can be
  capacity::Setting setting;
};

struct CapacityArguments {
  ScenarioArguments scenario;
  std::vector<std::string> slo;   // targets, as expectations write them
  std::vector<std::string> over;  // axis=value,value,...
  std::optional<std::string> budget, width;

  void declare(CLI::App& line);
  // As ScenarioArguments::load; what is wrong with a search is told of that search.
  [[nodiscard]] LoadedCapacity load() const;
};

}  // namespace seatrial::cli
