// `--set path=value`: puts one value into the scenario's tree before it is checked, so that a
// setting is judged exactly as if it stood in the file.
//
//   --set cluster.brokers=5            --set matrix.acks=[1,all]      --set timeline.0.at=12s
//   --set topics.orders.config.min.insync.replicas=1                  (property names keep their
//   dots)
#pragma once

#include <string>

#include "scenario/document.hpp"

namespace seatrial::scenario {

// `setting` is the text `path=value`; `source` its number from 1. Names of topics and workloads and
// positions in lists must exist; keys that the file leaves out are added, and then checked as any
// other.
void apply_setting(Node& root, const std::string& setting, int source, Problems& problems);

}  // namespace seatrial::scenario
