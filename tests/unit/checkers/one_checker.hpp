// What one checker, by its name, finds in a history.
#pragma once

#include <string>
#include <vector>

#include "core/checker.hpp"
#include "core/registry.hpp"
#include "support/catch.hpp"

namespace seatrial::test {

inline std::vector<Finding> run_checker(const History& h, const std::string& name) {
  const auto* plugin = Registry<Checker>::instance().find(name);
  REQUIRE(plugin != nullptr);
  CHECK(plugin->make({})->definition().size() > 100);
  return plugin->make({})->check(h);
}

}  // namespace seatrial::test
