// The books of a lane that hands its client one message at a time: opens each message in the
// ledger, hands it over, settles it, and publishes the counters. For lanes whose transactions or
// keys matter more than their rate.
//
// One owner: the lane's thread. Messages belong to the client that took them; when a client is
// destroyed, `abandon_open` settles what it never told of as unknown.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "client/workload.hpp"
#include "ledger/identity.hpp"
#include "ledger/ledger.hpp"
#include "workloads/deliveries.hpp"
#include "workloads/message_client.hpp"

namespace seatrial::workloads {

// A message that fell due got no partition any more: it waited on any of those that the topic's
// lanes use. Acks, whosever they are, show that it did not wait in vain.
void waited_where_in_use(const LaneContext& lane, std::int64_t intended_ns);

class LaneBooks {
 public:
  // `config`: the client's effective properties.
  LaneBooks(LaneContext& lane, LaneReport& report,
            const std::map<std::string, std::string>& config);

  [[nodiscard]] bool full() const { return ledger_.full(); }
  [[nodiscard]] std::uint64_t in_flight() const { return ledger_.in_flight(); }
  // A message fell due and gets its sequence.
  [[nodiscard]] ledger::SlotIndex open(std::int32_t partition, std::int64_t intended_ns);
  [[nodiscard]] const ledger::Slot& slot(ledger::SlotIndex index) { return ledger_.slot(index); }
  [[nodiscard]] ledger::Identity identity(ledger::SlotIndex index);
  // Hands the opened message over, waiting (and polling) while the client's queue is full, until
  // `give_up` says so. What the client did not take is settled as its refusal says, or unsent.
  rd_kafka_resp_err_t send(MessageClient& client, ledger::SlotIndex index,
                           std::span<const std::byte> key, std::span<const std::byte> value,
                           const std::function<bool()>& give_up);
  // As the client tells of it.
  Deliveries::Settled settle(const Delivery& delivery);
  // A message fell due and is never opened: the client or the cluster was not ready for it. It
  // waited on that partition; without one, on any of those that the lane uses.
  void unsent(std::int64_t intended_ns, std::optional<std::int32_t> partition = {});
  // A message fell due and the lane leaves it out by its own design: nothing was unavailable.
  void left_out(std::int64_t intended_ns);
  void abandon_open();
  // The lane's end: what is open is unknown; the sums must come out.
  void close();
  void publish();

 private:
  void waited(std::int64_t intended_ns, std::optional<std::int32_t> partition);

  LaneContext& lane_;
  LaneReport& report_;
  ledger::LaneLedger& ledger_;
  Deliveries deliveries_;
  std::uint64_t backpressure_ns_ = 0;
};

}  // namespace seatrial::workloads
