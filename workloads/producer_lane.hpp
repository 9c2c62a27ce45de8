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
#include <stop_token>

#include "client/lane.hpp"
#include "workloads/producer_settings.hpp"

namespace seatrial::workloads {

// Throws InfrastructureError if no client can be made of the lane's properties.
LaneReport run_producer_lane(const ProducerSettings& settings, LaneContext& lane,
                             const std::function<void()>& ready, const std::stop_token& stop);

}  // namespace seatrial::workloads
