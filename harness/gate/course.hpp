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

// `differs` of the record: what either side sets.
[[nodiscard]] nlohmann::json describe_differences(const Setting& setting);
// The record's verdict of a gate that ended so.
[[nodiscard]] nlohmann::json verdict_of(Outcome outcome, nlohmann::json reasons);

// Whether a record's `gate` is of one with these sides, so that it can go on with them.
[[nodiscard]] bool is_of_same_sides(const View& gate, const Setting& setting);

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
