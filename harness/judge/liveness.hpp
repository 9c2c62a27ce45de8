// What clients could ask of a cluster under chaos: messages are acked wherever no more is broken
// than replication tolerates, save for the time that a failover may take.
#pragma once

#include <string>
#include <vector>

#include "core/view.hpp"

namespace seatrial::judge {

// A sentence for each partition that, while acks were demanded, acked nothing that was due for
// longer than the trial's grace.
struct MissedLiveness {
  std::vector<std::string> certain;
  std::vector<std::string> doubtful;  // others took time of the machine's, which may explain it
};
// Of a trial whose timeline was drawn; of others nothing is demanded.
[[nodiscard]] MissedLiveness missed_liveness(const View& trial);

}  // namespace seatrial::judge
