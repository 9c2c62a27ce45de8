// Runs the registered checkers one after another, in order of their names; see check_all.hpp.
#include "checkers/check_all.hpp"

#include <exception>
#include <iterator>
#include <utility>

#include "checkers/deletions.hpp"

namespace seatrial::checkers {

std::vector<Finding> check_all(const History& history, FailedCheckers& failed,
                               const Registry<Checker>& checkers) {
  std::vector<Finding> all;
  for (const auto& [name, plugin] : checkers.all()) {
    try {
      std::vector<Finding> findings = plugin.make(Options{})->check(history);
      std::move(findings.begin(), findings.end(), std::back_inserter(all));
    } catch (const std::exception& e) {
      failed[name] = e.what();
    }
  }
  explain_deletions(history.contract.deleted_topics, all);
  return all;
}

}  // namespace seatrial::checkers
