// The consumer side of ledger.hpp: which messages a group was handed.
#include <mutex>
#include <unordered_map>

#include "ledger/ledger.hpp"

namespace seatrial::ledger {

struct GroupLedger::Impl {
  mutable std::mutex mutex;
  std::unordered_map<std::uint32_t, IntervalSet> seen;  // by stream
  std::uint64_t distinct = 0;
  std::uint64_t redelivered = 0;
};

GroupLedger::GroupLedger() : impl_(std::make_unique<Impl>()) {}
GroupLedger::~GroupLedger() = default;

void GroupLedger::observe(std::span<Delivery> batch) {
  const std::scoped_lock lock(impl_->mutex);
  // Batches come from one partition at a time, hence mostly from one stream.
  IntervalSet* of = nullptr;
  StreamId last;
  for (Delivery& delivery : batch) {
    if (of == nullptr || delivery.stream != last) {
      of = &impl_->seen[delivery.stream.value];
      last = delivery.stream;
    }
    delivery.first = of->insert(delivery.seq.value);
    ++(delivery.first ? impl_->distinct : impl_->redelivered);
  }
}

std::uint64_t GroupLedger::distinct() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->distinct;
}

std::uint64_t GroupLedger::redelivered() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->redelivered;
}

}  // namespace seatrial::ledger
