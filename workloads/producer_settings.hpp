// What a producing lane is told, whichever engine it runs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>

#include "core/units.hpp"
#include "measure/pacer.hpp"
#include "workloads/partitioner.hpp"
#include "workloads/shapes/keys.hpp"
#include "workloads/shapes/size.hpp"

namespace seatrial::workloads {

// Of a lane that is not told: a tenth of linger, 200 us at least and 1 ms at most. README.md says
// why.
[[nodiscard]] inline nanoseconds default_wake(nanoseconds linger) {
  return std::clamp<nanoseconds>(linger / 10, std::chrono::microseconds(200), milliseconds(1));
}

struct ProducerSettings {
  Rate rate;  // over all lanes; unlimited: the closed loop
  measure::Arrivals arrivals = measure::Arrivals::constant;
  SizeShape size;
  KeyShape keys;
  Partitioning partitioning = Partitioning::sticky;
  std::uint64_t count = 0;  // over all lanes; 0: no limit
  double entropy = 1;
  nanoseconds spin{0};  // the last part of a wait that is spent awake
  // What falls due within so long is handed over at once, by a lane over librdkafka that does not
  // spin; never longer than linger. Nothing: default_wake.
  std::optional<nanoseconds> wake = nanoseconds(0);
  // For tests: called before each handover with the number of messages handed so far.
  std::function<void(std::uint64_t handed)> before_handover;
};

}  // namespace seatrial::workloads
