// What a producing lane is told, whichever engine it runs.
#pragma once

#include <cstdint>
#include <functional>

#include "core/units.hpp"
#include "measure/pacer.hpp"
#include "workloads/partitioner.hpp"
#include "workloads/shapes/keys.hpp"
#include "workloads/shapes/size.hpp"

namespace seatrial::workloads {

inline constexpr const char* default_wake = "200us";  // README.md says why

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
  // spin; never longer than linger.
  nanoseconds wake{0};
  // For tests: called before each handover with the number of messages handed so far.
  std::function<void(std::uint64_t handed)> before_handover;
};

}  // namespace seatrial::workloads
