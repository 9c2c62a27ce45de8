// Leads a run through its pairs until the gate can tell, and judges it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gate/gated.hpp"
#include "gate/judgement.hpp"
#include "gate/power.hpp"
#include "gate/rules.hpp"
#include "run/course.hpp"
#include "scenario/plan.hpp"

namespace seatrial::gate {

// What a gate is, before anything runs.
struct Setting {
  std::vector<Gated> gated;
  Rules rules;
  std::vector<scenario::Expectation> expectations;
  std::map<std::string, std::string> baseline, candidate;  // settings of either side, for people
  std::vector<std::string> certification;  // what gates can tell here, a sentence each
  double sigma = assumed_sigma;            // of a pair, for what the plan says it detects
};

class GateCourse final : public run::Course {
 public:
  explicit GateCourse(Setting setting) : setting_(std::move(setting)) {}
  void begin(record::Journal& journal) override;
  void before(int trial, record::Journal& journal) override;
  bool enough(record::Journal& journal) override;
  void conclude(const record::RunRecord& record, bool interrupted, nlohmann::json& end) override;

 private:
  [[nodiscard]] Judgement judged(const record::RunRecord& record) const;
  [[nodiscard]] nlohmann::json described(const Judgement& judgement) const;

  Setting setting_;
  std::size_t judged_pairs_ = 0;
  bool decided_ = false;
};

}  // namespace seatrial::gate
