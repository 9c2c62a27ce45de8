// Leads a run through its searches, one after the other, and writes down what they found.
//
// What a search knows follows from the trials of the record alone: a run that goes on reads those
// again, and asks for the load that it would have asked for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "capacity/setting.hpp"
#include "run/course.hpp"

namespace seatrial::capacity {

// A search so far, with what its trials said, in the order in which they ran.
struct SearchState {
  explicit SearchState(const Base& of) : base(&of), search(of.rules) {}
  const Base* base;
  Search search;
  std::vector<std::size_t> trials;  // places in the record's `trials`
  std::vector<Phase> phases;        // in which each was asked for
  std::vector<Seen> seen;
  std::string refused;  // why brokers do not take its settings; empty: they do
};

// Of the record's `capacity`, what is known before any trial.
[[nodiscard]] nlohmann::json describe_setting(const Setting& setting);
// All of it.
[[nodiscard]] nlohmann::json describe(const Setting& setting,
                                      const std::vector<SearchState>& searches, const View& record);

// Why the capacity run of a record cannot go on with this setting on this machine. Nothing if it
// can.
[[nodiscard]] std::optional<std::string> not_the_same(const View& record, const Setting& setting);

class CapacityCourse final : public run::Course {
 public:
  explicit CapacityCourse(Setting setting);
  void begin(record::Journal& journal) override;
  void adapt(scenario::TrialPlan& trial) override;
  [[nodiscard]] bool keeps(const View& trial) const override;
  void before(int trial, record::Journal& journal) override;
  bool enough(record::Journal& journal) override;
  void conclude(const record::RunRecord& record, bool interrupted, nlohmann::json& end) override;

  // What the search in progress knows, for the live line: "base: 4,000 to 8,000/s".
  [[nodiscard]] std::string so_far() const;

 private:
  void catch_up(const View& record);
  [[nodiscard]] SearchState* current();

  Setting setting_;
  std::vector<SearchState> searches_;
  std::size_t taken_ = 0;  // trials of the record
};

}  // namespace seatrial::capacity
