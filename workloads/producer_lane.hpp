// One producing lane over librdkafka: takes what falls due, opens it in the ledger, hands it to the
// client in batches by partition, and settles each message from its delivery report. All on the
// calling thread, save that the client's broker threads stamp the time of the ack into the
// message's slot.
//
//   intended -> opened (ledger) -> handed (client accepted it) -> sent, acked, failed or unknown
//                               -> retracted = unsent, if the client never took it
//
// A message that a full client queue refuses keeps its sequence and goes first the next time.
// Memory is bounded by the ledger's slots and one batch. The lane never blocks in the client.
#pragma once

#include <functional>
#include <optional>

#include "client/workload.hpp"
#include "core/units.hpp"
#include "measure/pacer.hpp"
#include "workloads/partitioner.hpp"
#include "workloads/shapes/keys.hpp"
#include "workloads/shapes/size.hpp"

namespace seatrial::workloads {

struct ProducerSettings {
  Rate rate;                      // over all lanes; unlimited: the closed loop
  measure::Arrivals arrivals = measure::Arrivals::constant;
  SizeShape size;
  KeyShape keys;
  Partitioning partitioning = Partitioning::sticky;
  std::uint64_t count = 0;        // over all lanes; 0: no limit
  double entropy = 1;
  nanoseconds spin{0};            // the last part of a wait that is spent awake
  // For tests: called before each handover with the number of messages handed so far.
  std::function<void(std::uint64_t handed)> before_handover;
};

// Throws InfrastructureError if no client can be made of the lane's properties.
LaneReport run_producer_lane(const ProducerSettings& settings, LaneContext& lane,
                             const std::function<void()>& ready, const std::stop_token& stop);

}  // namespace seatrial::workloads
