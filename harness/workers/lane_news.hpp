// What a lane in a process of its own has measured, on its way to the recorder and the availability
// of the harness: news about once a second, totals at its end. Both travel as JSON; histograms as
// their counters, with what lay outside their range.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "ledger/operation_log.hpp"
#include "measure/availability.hpp"
#include "measure/recorder.hpp"

namespace seatrial::workers {

struct LaneNews {
  std::vector<measure::SecondDelta> seconds;
  measure::Availability::News acks;
  std::vector<ledger::SendOperation> sends;  // of `history: full`
  [[nodiscard]] bool empty() const { return seconds.empty() && acks.empty() && sends.empty(); }
};

[[nodiscard]] nlohmann::json to_json(const LaneNews& news);
[[nodiscard]] LaneNews read_news(const nlohmann::json& json);

// Of a recorder whose lane has ended; and adding them to another one.
[[nodiscard]] nlohmann::json totals_of(const measure::LaneRecorder& recorder);
void add_totals(const nlohmann::json& totals, measure::LaneRecorder& recorder);

}  // namespace seatrial::workers
