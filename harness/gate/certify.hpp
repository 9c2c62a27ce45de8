// Runs pairs of equals and of known slowdowns, and makes a certificate of them. Half of the pairs
// are equals; slowdowns of 5, 10 and 20 % take turns in the other half, injected by giving brokers
// less CPU time than the scenario does.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "gate/certificate.hpp"
#include "gate/gated.hpp"
#include "run/course.hpp"
#include "scenario/plan.hpp"

namespace seatrial::gate {

// The axis of a trial's record that says by how much its pair's candidate was slowed.
inline constexpr std::string_view slowdown_axis = "slowdown";
// In the order in which pairs take them, over and over.
inline constexpr std::array<std::string_view, 6> slowdowns{"1", "1.05", "1", "1.10", "1", "1.20"};

class CertifyCourse final : public run::Course {
 public:
  // `gated`: the one metric that is certified. Ends when the budget is over, with the pair that is
  // under way.
  CertifyCourse(Gated gated, Rules rules, nanoseconds budget)
      : gated_{std::move(gated)}, rules_(std::move(rules)), budget_(budget) {}
  void begin(record::Journal& journal) override;
  void before(int trial, record::Journal& journal) override;
  bool enough(record::Journal& journal) override;
  void conclude(const record::RunRecord& record, bool interrupted, nlohmann::json& end) override;

  // Of the run that was concluded.
  [[nodiscard]] const Certificate& certificate() const { return certificate_; }

 private:
  std::vector<Gated> gated_;
  Rules rules_;
  nanoseconds budget_;
  Instant begun_{};
  Certificate certificate_;
};

}  // namespace seatrial::gate
