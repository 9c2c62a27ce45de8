// The ends of an open loop, the same for every lane that produces: its share of a count, until when
// it settles, and what fell due that it never came to.
#pragma once

#include <cstdint>
#include <optional>

#include "core/workload.hpp"
#include "measure/pacer.hpp"

namespace seatrial::workloads {

// Of `count` messages over all lanes, this lane's.
[[nodiscard]] std::uint64_t share_of(std::uint64_t count, int index, int lanes);

// As the trial's clock says or, where nobody has set a budget, some seconds after a stop was seen.
// `stopped_ns` 0: none was.
[[nodiscard]] std::int64_t settle_until_ns(const TrialClock& clock, std::int64_t stopped_ns);

// Counts what fell due before `until_ns` and was never drawn as unsent, up to `limit` messages of
// the lane; the pacer ends behind it. Nothing to do without a pacer.
void close_schedule(std::optional<measure::Pacer>& pacer, std::int64_t until_ns,
                    std::uint64_t limit, std::int64_t now_ns, const LaneContext& lane,
                    LaneReport& report);

}  // namespace seatrial::workloads
