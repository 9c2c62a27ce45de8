// Every action on every kind of target, on real brokers, local and in containers.
#include <algorithm>

#include "support/fault_rounds.hpp"

namespace seatrial::run {
namespace {

// Those that administer, act on clients, or by what a cluster must be fitted with have tests of
// their own.
bool acts_on_brokers(const std::string& action) {
  const auto* plugin = Registry<Fault>::instance().find(action);
  if (std::ranges::any_of(plugin->options, &OptionSpec::required)) return false;
  std::vector<OptionProblem> problems;
  const auto fault = plugin->make(Options::check(plugin->options, {}, problems));
  return fault->acts_on_nodes() && !fault->needs().members && fault->needs().gear.empty();
}

void try_all(const std::string& kind) {
  std::vector<Round> all;
  for (const std::string& action : Registry<Fault>::instance().names()) {
    if (!acts_on_brokers(action)) continue;
    for (auto& round : rounds_of(action)) all.push_back(std::move(round));
  }
  try_rounds(kind, all);
}

TEST_CASE("every fault on every target of a local cluster") { try_all("local"); }

TEST_CASE("every fault on every target of a compose cluster") { try_all("compose"); }

}  // namespace
}  // namespace seatrial::run
