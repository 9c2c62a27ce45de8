// Faults by name, as a scenario's entry makes them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/fault.hpp"
#include "core/registry.hpp"
#include "support/catch.hpp"

namespace seatrial::test {

using FaultWords = std::map<std::string, std::string>;  // options, as written

// What is wrong with these options of that fault.
inline std::vector<OptionProblem> problems_of(const std::string& name, const FaultWords& words,
                                              Options* options = nullptr) {
  const auto* plugin = Registry<Fault>::instance().find(name);
  REQUIRE(plugin != nullptr);
  std::map<std::string, RawOption> raw;
  for (const auto& [key, text] : words) raw[key] = {.text = text, .entries = {}, .is_map = false};
  std::vector<OptionProblem> problems;
  auto checked = Options::check(plugin->options, raw, problems);
  if (options != nullptr) *options = std::move(checked);
  return problems;
}

inline std::unique_ptr<Fault> make_fault(const std::string& name, const FaultWords& words = {}) {
  Options options;
  for (const auto& problem : problems_of(name, words, &options)) FAIL(problem.message);
  return Registry<Fault>::instance().find(name)->make(options);
}

// One that gives up soon where no effect is to be seen.
inline std::unique_ptr<Fault> make_impatient(const std::string& name, FaultWords words = {}) {
  words.emplace("patience", "30ms");
  return make_fault(name, words);
}

}  // namespace seatrial::test
