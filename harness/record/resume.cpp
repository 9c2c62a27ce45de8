// Comparing a record with a plan.
#include "record/resume.hpp"

#include <fmt/format.h>

#include "core/counted.hpp"

namespace seatrial::record {

using nlohmann::json;

std::optional<std::string> not_resumable(const json& record, const scenario::Plan& plan) {
  const std::string text = record.value("/scenario/text"_json_pointer, "");
  if (text != scenario::redact(plan, plan.text))
    return "its scenario was another text; start a new run";
  const json trials = record.value("trials", json::array());
  if (trials.size() > plan.trials.size()) {
    return fmt::format("it has {}, and this plan only {}; raise --repeat",
                       counted(trials.size(), "trial"), plan.trials.size());
  }
  for (std::size_t i = 0; i < trials.size(); ++i) {
    // A trial that never began carries no seed.
    const std::uint64_t seed = trials[i].value("seed", plan.trials[i].seed);
    if (seed == plan.trials[i].seed &&
        trials[i].value("variant", plan.trials[i].variant) == plan.trials[i].variant)
      continue;
    return fmt::format(
        "its trial {} was another one ({}); use the --seed, --set and --only of its "
        "command: {}",
        i, trials[i].value("variant", ""), record.value("/run/command"_json_pointer, ""));
  }
  return std::nullopt;
}

bool is_finished(const json& record, int index) {
  const json& trials = record.at("trials");
  const auto at = static_cast<std::size_t>(index);
  if (at >= trials.size()) return false;
  const json& trial = trials[at];
  return trial.value("refused", false) ||
         (trial.value("status", "") == "finished" && trial.contains("verdict"));
}

}  // namespace seatrial::record
