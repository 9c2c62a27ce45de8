// Keeping operations until there are too many.
#include "ledger/operation_log.hpp"

#include <utility>

#include "ledger/group.hpp"

namespace seatrial::ledger {

bool OperationLog::room(std::size_t operations) {
  count_ += operations;
  if (count_ <= most_) return true;
  kept_ = {};
  return false;
}

void OperationLog::settled(const SendOperation& send) {
  const std::lock_guard lock(mutex_);
  if (room(1)) kept_.sends.push_back(send);
}

void OperationLog::polled(const std::string& workload, std::span<const Delivery> batch) {
  if (batch.empty()) return;
  PollOperation poll{.workload = workload,
                     .member = batch.front().member,
                     .at_ns = batch.front().delivered_ns,
                     .messages = {}};
  for (const Delivery& delivery : batch) {
    poll.messages.push_back({.partition = delivery.partition,
                             .assignment = delivery.assignment,
                             .offset = delivery.offset,
                             .identified = delivery.identified,
                             .stream = delivery.stream,
                             .seq = delivery.seq});
  }
  const std::lock_guard lock(mutex_);
  // Its messages are what fills the memory.
  if (room(batch.size())) kept_.polls.push_back(std::move(poll));
}

bool OperationLog::overflowed() const {
  const std::lock_guard lock(mutex_);
  return count_ > most_;
}

OperationLog::Kept OperationLog::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(kept_, {});
}

}  // namespace seatrial::ledger
