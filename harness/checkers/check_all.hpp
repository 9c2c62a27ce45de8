// Every registered checker over one history.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/checker.hpp"
#include "core/history.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {

using FailedCheckers = std::map<std::string, std::string>;  // by name: why

// The findings of all checkers, in order of their names. A checker that throws is added to `failed`
// and contributes nothing: what it counts is then unknown, and the verdict too, at best.
[[nodiscard]] std::vector<Finding> check_all(
    const History& history, FailedCheckers& failed,
    const Registry<Checker>& checkers = Registry<Checker>::instance());

}  // namespace seatrial::checkers
