// Runs a scenario's text within the test, in a folder of its own that goes with it.
#pragma once

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "run/runner.hpp"
#include "scenario/scenario.hpp"
#include "support/catch.hpp"
#include "support/records.hpp"

namespace seatrial::test {

struct ScratchFolder {
  static std::filesystem::path make() {
    static std::atomic<int> made = 0;
    const auto name = "seatrial-test-" + std::to_string(::getpid()) + "-" + std::to_string(made++);
    return std::filesystem::temp_directory_path() / name;
  }
  ScratchFolder() { std::filesystem::create_directories(path); }
  ~ScratchFolder() {
    std::error_code kept;
    std::filesystem::remove_all(path, kept);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::filesystem::path path = make();
};

struct ScenarioRun {
  nlohmann::json record;
  int exit_code = 2;
  [[nodiscard]] const nlohmann::json& trial(std::size_t n = 0) const {
    return record.at("trials").at(n);
  }
};

inline scenario::Plan plan_of(const scenario::Request& request) {
  const auto loaded = scenario::load(request);
  INFO(scenario::to_text(loaded.diagnostics));
  REQUIRE(loaded.plan);
  return *loaded.plan;
}

inline scenario::Plan plan_of(const std::string& text) {
  scenario::Request request;
  request.path = "test.yaml";
  request.text = text;
  return plan_of(request);
}

// On a cluster of the kind that the plan names; `adjust` may change the setting before it runs.
inline ScenarioRun run_scenario(const scenario::Plan& plan,
                                const std::function<void(run::RunSetting&)>& adjust = {}) {
  const ScratchFolder folder;
  const auto* kind = ClusterKinds::instance().find(plan.trials.front().cluster.kind);
  REQUIRE(kind != nullptr);
  run::RunSetting setting{.plan = plan,
                          .kind = *kind,
                          .kind_reason = "a test",
                          .results = folder.path / "results",
                          .command = "",
                          .progress = [](const auto&, const auto&) {},
                          .wrap = {}};
  setting.program = SEATRIAL_BINARY;
  if (adjust) adjust(setting);
  const auto result = run::run_plan(setting, {});
  return {.record = document(result.record), .exit_code = result.exit_code};
}

}  // namespace seatrial::test
