// Every action on every kind of target, on real brokers, local and in containers.
#include "support/fault_rounds.hpp"

namespace seatrial::run {
namespace {

void try_all(const std::string& kind) {
  std::vector<Round> all;
  for (const std::string& action : Registry<Fault>::instance().names()) {
    for (auto& round : rounds_of(action)) all.push_back(std::move(round));
  }
  try_rounds(kind, all);
}

TEST_CASE("every fault on every target of a local cluster") { try_all("local"); }

TEST_CASE("every fault on every target of a compose cluster") { try_all("compose"); }

}  // namespace
}  // namespace seatrial::run
