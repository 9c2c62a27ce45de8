// One lane of the `transactional` workload: transactions of several messages over the partitions of
// its topic, one after the other, at a rate (`write`), or made of what it consumes (`transform`).
//
// Every message is in the ledger with its identity, as any producer's. Besides, the lane tells of
// each transaction what it wrote, and what became of it:
//
//   aborted    its commit was never asked for. Only the producer itself can commit, so this holds
//              whatever became of the abort, even if the coordinator never heard of it: a lane that
//              "crashed", was fenced before it asked, or could not reach anybody
//   committed  the commit was answered with success
//   aborted    also if a commit that had never been in doubt was refused, and the abort succeeded
//   unknown    all else: a commit without an answer in time, or refused to a fenced producer (an
//              earlier attempt of the library's may have gone through)
//
// Through librdkafka it speaks the first version of the transaction protocol, with `engine: wire`
// the second (KIP-890).
//
// Interruptions come in the middle of a transaction, with a part of its messages in the log: crash
// (the client vanishes), fence (a second producer of the same transactional.id takes over; the
// first goes on and asks to commit), hang (it stands still with all of its messages sent, longer
// than transaction.timeout.ms if that is what one wants to see; what falls due meanwhile is
// unsent).
#pragma once

#include "client/workload.hpp"
#include "core/units.hpp"
#include "measure/pacer.hpp"
#include "workloads/shapes/size.hpp"

namespace seatrial::workloads {

struct TransactionalSettings {
  bool wire = false;  // speaks to the brokers itself; not of transform
  bool transform = false;
  std::string input;         // topic; of transform
  std::string group;         // of transform
  bool exactly_once = true;  // false: no transactions, offsets are committed after the output
  Rate rate;                 // transactions over all lanes; of write
  measure::Arrivals arrivals = measure::Arrivals::constant;
  std::uint64_t messages = 10;  // of a transaction; transform: at most
  double abort_share = 0;
  SizeShape size;
  double entropy = 1;
  // Each Nth transaction of a lane; 0: never.
  std::uint64_t crash_every = 0, fence_every = 0, hang_every = 0;
  nanoseconds hang_for{0};
};

// Throws InfrastructureError if no client can be made, or none can be initialised in time; by wire
// also if the cluster does not speak the second version of the protocol.
LaneReport run_transactional_lane(const TransactionalSettings& settings, LaneContext& lane,
                                  const std::function<void()>& ready, const std::stop_token& stop);

}  // namespace seatrial::workloads
