// The part of the command line that names a scenario and changes it; shared by the verbs that take
// one.
#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "scenario/plan.hpp"

namespace seatrial::cli {

struct ScenarioArguments {
  std::string scenario;
  std::vector<std::string> settings;  // --set
  std::string cluster;                // --cluster
  std::optional<std::string> seed;    // --seed, as typed
  std::vector<std::string> only;      // --only
  std::optional<std::string> repeat;  // --repeat, as typed

  void declare(CLI::App& line);
  // The plan, checked by all that is known without starting or fetching anything but the client
  // libraries that it names. Throws UsageError with every mistake, Interrupted on a stop.
  [[nodiscard]] scenario::Plan load() const;
};

// Kafka's, of all trials.
[[nodiscard]] std::set<std::string> releases_of(const scenario::Plan& plan);

// To standard error, a line each.
void print_warnings(const scenario::Plan& plan);

}  // namespace seatrial::cli
