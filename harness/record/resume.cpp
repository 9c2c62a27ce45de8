// Comparing a record with a plan.
#include "record/resume.hpp"

#include <fmt/format.h>

#include "core/counted.hpp"

namespace seatrial::record {

std::optional<std::string> not_resumable(const RunRecord& record, const scenario::Plan& plan) {
  if (record["scenario"]["text"].text() != scenario::redact(plan, plan.text))
    return "its scenario was another text; start a new run";
  const std::vector<View> trials = record["trials"].items();
  if (trials.size() > plan.trials.size()) {
    return fmt::format("it has {}, and this plan only {}; raise --repeat",
                       counted(trials.size(), "trial"), plan.trials.size());
  }
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const View seed = trials[i]["seed"], variant = trials[i]["variant"];
    // A trial that never began carries neither.
    if ((!seed || seed.count() == plan.trials[i].seed) &&
        (!variant || variant.is(plan.trials[i].variant)))
      continue;
    return fmt::format(
        "its trial {} was another one ({}); use the --seed, --set and --only of its "
        "command: {}",
        i, variant.text(), record["run"]["command"].text());
  }
  return std::nullopt;
}

bool is_finished(const RunRecord& record, int index) {
  const View trial = record.trial(static_cast<std::size_t>(index));
  return trial["refused"].boolean().value_or(false) ||
         (trial["status"].is("finished") && trial["verdict"]);
}

}  // namespace seatrial::record
