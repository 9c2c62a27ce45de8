// `expect:` as expectations and `show:` as metrics, checked against the matrix and against what the
// workloads can yield.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "scenario/document.hpp"
#include "scenario/matrix.hpp"
#include "scenario/plan.hpp"

namespace seatrial::scenario {

// What the workloads of all variants do, by name. `known`: false if one of them could not be made,
// so that nothing can be said of what is missing.
struct Roles {
  struct Role {
    bool produces = false;
    bool consumes = false;
  };
  std::map<std::string, Role> of;
  bool known = true;
};

std::vector<Expectation> read_expectations(const Node& expect, const Matrix& matrix,
                                           const Roles& roles, Problems& problems);
std::vector<MetricQuestion> read_show(const Node& show, const Roles& roles, Problems& problems);
// One metric, asked for in that section of the scenario. Nothing if it is none, which is told.
std::optional<MetricQuestion> read_question(const std::string& section, const Node& node,
                                            const Roles& roles, Problems& problems);

}  // namespace seatrial::scenario
