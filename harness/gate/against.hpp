// A candidate against a run that is stored: for those who cannot run the baseline again. Weaker
// than pairs: what changed on the machine since the stored run, and nothing else, may be all that
// is found, and neither order nor a control guards against it. So it needs the same scenario on the
// same machine, kernel, build and kind of cluster, takes ten trials, and says that it is weaker.
//
// Effects are compared by the shift between two samples (statistics/shift.hpp), one-sided at a
// hundredth for all metrics together.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gate/course.hpp"
#include "run/course.hpp"
#include "scenario/plan.hpp"

namespace seatrial::gate {

inline constexpr int trials_against = 10;      // of the candidate
inline constexpr int least_stored_trials = 6;  // that are valid

// Of a stored run: a gate's baseline, or the trials of a run that had one variant.
[[nodiscard]] std::vector<View> stored_trials(const View& record);

// Why the run is no baseline for this plan on this machine, with the field that differs; nothing if
// it is one.
[[nodiscard]] std::optional<std::string> not_a_baseline(
    const View& record, const scenario::Plan& plan, const std::string& kind,
    const std::map<std::string, std::string>& machine);

// The candidate's trials alone, each named as one. `plan`: as many of one variant as there are.
[[nodiscard]] scenario::Plan candidates_of(const scenario::Plan& plan);

class AgainstCourse final : public run::Course {
 public:
  AgainstCourse(Setting setting, record::RunRecord stored)
      : setting_(std::move(setting)), stored_(std::move(stored)) {}
  void begin(record::Journal& journal) override;
  void before(int trial, record::Journal& journal) override;
  bool enough(record::Journal& journal) override;
  void conclude(const record::RunRecord& record, bool interrupted, nlohmann::json& end) override;

 private:
  Setting setting_;
  record::RunRecord stored_;
};

}  // namespace seatrial::gate
