// From the text of a scenario to its plan, or to everything that is wrong with it.
//
//   auto outcome = scenario::load({.path = path, .text = text, .settings = {"cluster.brokers=5"}});
//   if (!outcome.plan) fputs(scenario::to_text(outcome.diagnostics).c_str(), stderr);
//
// One syntax error, or all semantic ones at once. Reads no file but the client.properties of an
// external cluster, starts nothing (what `ask_library` does aside); the registries of cluster
// kinds, workloads and faults decide what is valid. Same request and environment, same outcome.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/options.hpp"
#include "core/property.hpp"
#include "scenario/diagnostics.hpp"
#include "scenario/plan.hpp"
#include "scenario/substitute.hpp"

namespace seatrial::scenario {

// What properties there are; an empty list means that they are not known and hence not checked,
// which (client aside) is a warning where it matters.
struct KnownProperties {
  struct OfRelease {
    std::vector<PropertyDefinition> topic, broker;
  };
  std::vector<std::string> client;  // of the librdkafka that is loaded
  std::vector<PropertyDefinition> client_numbers;
  std::map<std::string, OfRelease> kafka;  // by release
  // Of one that is not there all lists are empty.
  [[nodiscard]] const OfRelease& of(const std::string& release) const;
};

// What another client library than the one loaded makes of a workload that shall run with it.
struct LibraryAnswer {
  std::string failure;  // it could not be asked; then nothing else is filled
  std::vector<OptionProblem> problems;            // of the options, by themselves
  std::string contradiction;                      // of the options together
  std::map<std::string, std::string> properties;  // effective, as Workload::client_properties
};
// `library`: as written at `client_library`. May fetch it.
using AskLibrary = std::function<LibraryAnswer(const std::string& library, const std::string& kind,
                                               const Options& options)>;

struct Request {
  std::string path;                    // for messages only
  std::string text;
  std::vector<std::string> settings;   // `path=value`, of --set, in order
  KnownProperties names;
  std::optional<std::uint64_t> seed;   // of --seed; goes before the file's; 1 if there is neither
  Environment environment;             // empty: this process's
  AskLibrary ask_library;              // empty: `client_library` is refused
};

struct Outcome {
  std::optional<Plan> plan;             // if there are no diagnostics
  std::vector<Diagnostic> diagnostics;  // in the order of the file
};

Outcome load(const Request& request);

}  // namespace seatrial::scenario
