// What a capacity run is before anything runs: the searches with what they start from.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "capacity/load.hpp"
#include "capacity/passes.hpp"
#include "capacity/search.hpp"
#include "scenario/plan.hpp"

namespace seatrial::capacity {

// One search: a cell of --over.
struct Base {
  std::string name;  // "partitions=4", "base"
  std::map<std::string, std::string> axes;
  scenario::TrialPlan trial;  // at the scenario's own rate
  Searched searched;
  PassRules pass;
  SearchRules rules;
};

struct Setting {
  std::vector<Base> bases;
  std::vector<std::string> axes;      // names, in the order given
  std::vector<std::string> settings;  // of --set and --over
  double budget_s = 0;                // of all searches together
  bool fresh_brokers = false;         // for each trial
  bool shared_machine = false;        // brokers and generator run on one
};

// Whether brokers may run on from trial to trial: not with faults, which they would remember.
[[nodiscard]] bool needs_fresh_brokers(const scenario::TrialPlan& trial);

// Fills the search's rules: where it starts, what its trials take, and its part of the budget.
[[nodiscard]] SearchRules rules_for(const Base& base, double width, double budget_s, bool fresh);

[[nodiscard]] int most_trials(const Setting& setting);
[[nodiscard]] double most_seconds(const Setting& setting);
[[nodiscard]] double usual_seconds(const Setting& setting);

// The plan of a run with as many trials as there can be; the course gives each its load.
[[nodiscard]] scenario::Plan planned(const scenario::Plan& plain, const Setting& setting);

// For people, before it starts.
[[nodiscard]] std::string plan_to_text(const Setting& setting);

}  // namespace seatrial::capacity
