// Every registered checker over one history.
#pragma once

#include <string>
#include <vector>

#include "core/checker.hpp"
#include "core/history.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {

// The findings of all checkers, in order of their names. A checker that throws is listed in
// `failed_checkers` as "NAME: reason" and contributes nothing: the verdict is then unknown at best.
[[nodiscard]] std::vector<Finding> check_all(
    const History& history, std::vector<std::string>& failed_checkers,
    const Registry<Checker>& checkers = Registry<Checker>::instance());

}  // namespace seatrial::checkers
