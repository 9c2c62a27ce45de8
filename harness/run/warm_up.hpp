// Ends the warm-up of a trial when its loads are steady (judge/steady.hpp): at least as long as the
// plan says, at most as long as it says; and keeps what it waited for. Measure begins with a whole
// second after the clock's origin, set about a second ahead of its time.
//
// A load that ends by itself (a count, a trace) is not used up by waiting: measure begins, at the
// latest, when what is left of it just fills the measure phase. Of a closed loop's count a quarter
// is warm-up, at most.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "run/sampler.hpp"
#include "scenario/plan.hpp"

namespace seatrial::run {

class WarmUp {
 public:
  // Keeps all three. The lanes have been let go.
  WarmUp(const scenario::TrialPlan& plan, Lanes& lanes, const Sampler& sampler);

  // Once a second, just after it has ended and been sampled; whether measure has been given its
  // start.
  bool decide();
  // The record's `warmup`.
  [[nodiscard]] nlohmann::json describe() const;
  // Why no latency of this trial is of a steady load; empty: they all are.
  [[nodiscard]] const std::vector<std::string>& doubts() const { return doubts_; }
  // The same of single workloads: those that read, and never catch up.
  [[nodiscard]] const std::map<std::string, std::string>& falls_behind() const {
    return falls_behind_;
  }

 private:
  struct Waited {
    int seconds = 0;
    std::string last;  // why, the last time
  };
  [[nodiscard]] std::int64_t latest_start() const;
  [[nodiscard]] bool used_up() const;
  void begin(std::int64_t second);
  void doubt(const judge::Load& load, const std::string& why);

  const scenario::TrialPlan& plan_;
  Lanes& lanes_;
  const Sampler& sampler_;
  std::int64_t latest_ = 0;  // start of measure, in seconds from the origin
  std::map<std::string, Waited> waited_;
  std::vector<std::string> doubts_;
  std::map<std::string, std::string> falls_behind_;
};

}  // namespace seatrial::run
