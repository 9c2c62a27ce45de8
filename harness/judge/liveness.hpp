// What clients could ask of a cluster under chaos: messages are acked wherever no more is broken
// than replication tolerates, save for the time that a failover may take.
#pragma once

#include <string>
#include <vector>

#include "core/view.hpp"

namespace seatrial::judge {

// Of a trial whose timeline was drawn: a sentence for each partition that, while acks were
// demanded, acked nothing that was due for longer than the trial's grace. Of others nothing is
// demanded.
[[nodiscard]] std::vector<std::string> missed_liveness(const View& trial);

}  // namespace seatrial::judge
