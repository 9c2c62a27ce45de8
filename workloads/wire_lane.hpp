// One producing lane that speaks to the brokers itself (`engine: wire`): takes what falls due, puts
// it into batches by partition, opens each batch in the ledger before a byte of it leaves, and
// settles it from the answer. One thread, which is the caller's.
//
//   intended -> taken (waits for its batch) -> handed (opened, leaves) -> sent, acked, failed,
//            -> unsent, if its batch never was made                       unknown
//
// The same pacing, ledger, recording and outcomes as the lane over librdkafka (producer_lane.hpp),
// at a fraction of its cost: what it does per message is a loop over a batch, what it asks of
// clock, ledger and recorder is once per batch. With linger it sleeps until a batch is to leave by
// plan (wire_waiting.hpp), and a message counts as sent when it was due, later only by as much as
// its batch was late: linger counts as service and not as lateness, as it does there.
//
// Memory is bounded by the queue's limits (a few words a message) and the batches in flight.
#pragma once

#include <functional>

#include "client/workload.hpp"
#include "workloads/producer_settings.hpp"

namespace seatrial::workloads {

// Throws InfrastructureError if the topic cannot be produced to.
LaneReport run_wire_lane(const ProducerSettings& settings, LaneContext& lane,
                         const std::function<void()>& ready, const std::stop_token& stop);

}  // namespace seatrial::workloads
