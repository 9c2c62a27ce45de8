// Leads a run through its pairs until the gate can tell, and judges it.
#pragma once

#include <map>
#include <optional>
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
  std::vector<std::string> settings;                       // of both, by --set
  std::vector<std::string> certification;  // what gates can tell here, a sentence each
  double sigma = assumed_sigma;            // of a pair, for what the plan says it detects
};

// Of the record's `gate`, what is known before any pair: differs, settings, looks, alpha, ...
[[nodiscard]] nlohmann::json describe_setting(const Setting& setting);
// The record's verdict of a gate that ended so.
[[nodiscard]] nlohmann::json verdict_of(Outcome outcome, nlohmann::json reasons);

// Why the gate of a record cannot go on with this setting on this machine: pairs must be alike, and
// neither looks nor metrics chosen after some were seen. Nothing if it can.
[[nodiscard]] std::optional<std::string> not_the_same(
    const View& record, const Setting& setting, const std::map<std::string, std::string>& machine);

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
