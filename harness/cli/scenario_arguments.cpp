// Loads a scenario twice: the first reading says of which releases' settings it must know.
#include "cli/scenario_arguments.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <utility>

#include "cli/errors.hpp"
#include "clusters/choose.hpp"
#include "clusters/property_definitions.hpp"
#include "core/check.hpp"
#include "core/numbers.hpp"
#include "core/read_file.hpp"
#include "core/suggest.hpp"
#include "kafka/client_numbers.hpp"
#include "kafka/config.hpp"
#include "scenario/matrix.hpp"
#include "scenario/places.hpp"
#include "scenario/scenario.hpp"
#include "workers/client_library.hpp"

namespace seatrial::cli {
namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& path) {
  constexpr std::uint64_t largest = 16 << 20;
  auto text = read_file(path, largest);
  if (text) return std::move(*text);
  throw UsageError("cannot read " + path.string() + ": " + text.error().message +
                   "; name a scenario file, such as scenarios/quickstart.yaml");
}

// The settings of the brokers' releases, where they are known without effort. The releases are
// in the scenario, which is not read yet: a first reading without them says them.
scenario::KnownProperties known_properties(const scenario::Request& request) {
  scenario::KnownProperties out{.client = kafka::known_client_properties(),
                                .client_numbers = kafka::client_numbers(),
                                .kafka = {}};
  const auto draft = scenario::load(request);
  std::set<std::string> releases{ClusterSpec{}.version};
  if (draft.plan) releases = releases_of(*draft.plan);
  for (const auto& release : releases) {
    auto known = clusters::property_definitions(release);
    if (!known) continue;
    out.kafka[release] = {.topic = std::move(known->topic), .broker = std::move(known->broker)};
  }
  return out;
}

std::string without_newline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();  // the command line prints one
  return text;
}

constexpr const char* own_program = "/proc/self/exe";

template <class T>
T of_option(const char* option, Result<T> number) {
  if (!number) throw UsageError(std::string(option) + ": " + number.error().message);
  return *number;
}

std::string listed(const std::vector<std::string>& variants) {
  constexpr std::size_t most = 10;
  std::vector<std::string> names;  // of repeated trials once
  for (const auto& name : variants) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
    out += (i == 0 ? "'" : ", '") + names[i] + "'";
  }
  return out + (names.size() > most ? " and others" : "");
}

void keep_only(scenario::Plan& plan, const std::vector<std::string>& only) {
  if (only.empty()) return;
  std::vector<std::string> variants;
  for (const auto& trial : plan.trials) variants.push_back(trial.variant);
  for (const auto& wanted : only) {
    if (std::ranges::find(variants, wanted) != variants.end()) continue;
    throw UsageError("--only '" + wanted + "': there is no such variant" +
                     did_you_mean(wanted, variants) + "; they are " + listed(variants));
  }
  std::erase_if(plan.trials, [&](const scenario::TrialPlan& trial) {
    return std::ranges::find(only, trial.variant) == only.end();
  });
  for (std::size_t i = 0; i < plan.trials.size(); ++i) plan.trials[i].index = static_cast<int>(i);
}

}  // namespace

std::set<std::string> releases_of(const scenario::Plan& plan) {
  std::set<std::string> out;
  for (const auto& trial : plan.trials) out.insert(trial.cluster.version);
  return out;
}

void print_warnings(const scenario::Plan& plan) {
  for (const auto& warning : plan.warnings) std::cerr << "warning: " << warning << "\n";
}

void ScenarioArguments::declare(CLI::App& line) {
  line.add_option("scenario", scenario, "the scenario file")->required();
  line.add_option("--set", settings, "set one value, as in --set cluster.brokers=5")
      ->allow_extra_args(false);
  line.add_option("--cluster", cluster,
                  "auto, compose, external, local or mock, instead of the scenario's");
  line.add_option("--seed", seed, "decides every draw; same seed, same plan");
  line.add_option("--only", only, "run only this variant (may be given again)")
      ->allow_extra_args(false);
  line.add_option("--repeat", repeat, "trials for each variant");
}

scenario::Plan ScenarioArguments::load() const {
  scenario::Request request{
      .path = scenario,
      .text = read_text(scenario),
      .settings = settings,
      .names = {},
      .seed = {},
      .environment = {},
      .ask_library = [](const auto& library, const auto& kind, const auto& options) {
        return workers::ask_client_library(library, kind, options, own_program);
      }};
  if (!cluster.empty()) request.settings.push_back("cluster.kind=" + cluster);
  if (seed) request.seed = of_option("--seed", parse_unsigned(*seed));
  if (repeat) {
    const auto trials =
        of_option("--repeat", parse_integer(*repeat, 1, std::int64_t{scenario::max_trials}));
    request.settings.push_back("repeat=" + std::to_string(trials));
  }
  request.names = known_properties(request);
  auto outcome = scenario::load(request);
  stop_if_asked();
  if (!outcome.plan) throw UsageError(without_newline(scenario::to_text(outcome.diagnostics)));
  scenario::Plan plan = std::move(*outcome.plan);
  for (const auto& trial : plan.trials) {
    if (const auto impossible = clusters::impossible(trial.cluster)) {
      throw UsageError(scenario::written_at(plan, impossible->keys) + ": " + impossible->why);
    }
  }
  keep_only(plan, only);
  return plan;
}

}  // namespace seatrial::cli
