// The answer of `seatrial size`: each machine's estimate at both ends of the coefficients.
//
// Shape of the document (bytes are payload's, times are seconds, shares are of 1):
//
//   demand        {ingress_bytes_per_s, average_bytes_per_s, groups, replication, tolerate,
//                  retention_s, growth, outage_s; message_bytes where it is known}
//   coefficients  [{name, unit, few, many, measured, source}]
//   choices       [{machine {name, ...}, assumed (nobody described it),
//                   error (why it is none), or few and many: {brokers, binding,
//                   bounds [{resource, brokers}], partitions, storage_bytes,
//                   storage_bytes_per_broker, memory_bytes_per_broker, network_in_bytes_per_s,
//                   network_out_bytes_per_s, disk_bytes_per_s, cpu_cores (of the cluster, at peak),
//                   carries_bytes_per_s, catch_up_s, refill_s (null: never),
//                   states [{name, brokers, used {resource: share}}]}}]
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/view.hpp"
#include "sizing/coefficients.hpp"
#include "sizing/demand.hpp"

namespace seatrial::sizing {

struct Choice {
  Machine machine;
  bool assumed = false;
};

// Throws UsageError where the demand is wrong, or its only machine is.
[[nodiscard]] nlohmann::json answer(const Demand& demand, const std::vector<Choice>& choices,
                                    const Coefficients& coefficients);

// For people, of that document.
[[nodiscard]] std::string answer_text(const View& answer);

}  // namespace seatrial::sizing
