// What a cluster must carry, and what its brokers would be: the inputs of the sizing equations.
// Bytes are those of payload as producers send it, compressed. Data only.
#pragma once

#include <optional>
#include <string>

#include "core/result.hpp"

namespace seatrial::sizing {

struct Demand {
  double ingress_bytes_per_s = 0;  // at peak
  double average_bytes_per_s = 0;  // over the retention; 0: as at peak
  double groups = 1;               // each reads everything once
  double replication = 3;
  double tolerate = 1;  // brokers that may be gone at peak
  double retention_s = 0;
  double message_bytes = 0;  // 0: not known
  double partitions = 0;     // over all topics; 0: chosen
  double growth = 0;         // a share: 0.3 is 30 % more of ingress and average
  double outage_s = 3600;    // the one to catch up after
  double brokers = 0;        // of a cluster that is there; 0: chosen
};

struct Machine {
  std::string name;
  double cores = 0;
  double disk_bytes_per_s = 0;     // sequential writes
  double network_bytes_per_s = 0;  // each way
  double memory_bytes = 0;
  double storage_bytes = 0;  // of its disks; 0: as much as the answer says
};

// What to change before anything can be computed, or nothing.
[[nodiscard]] std::optional<Error> problem(const Demand& demand);
[[nodiscard]] std::optional<Error> problem(const Machine& machine);

}  // namespace seatrial::sizing
