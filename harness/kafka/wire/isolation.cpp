// An entry of the list opens its transaction at its first offset; a marker closes it.
#include "kafka/wire/isolation.hpp"

#include <algorithm>

namespace seatrial::kafka::wire {

void Isolation::begin_answer(std::span<const AbortedTransaction> aborted) {
  // What was not reached is listed again by the answer that reaches it.
  listed_.assign(aborted.begin(), aborted.end());
  std::ranges::sort(listed_, {}, &AbortedTransaction::first_offset);
  next_listed_ = 0;
}

void Isolation::take_listed(std::int64_t up_to) {
  for (; next_listed_ < listed_.size(); ++next_listed_) {
    const AbortedTransaction& next = listed_[next_listed_];
    if (next.first_offset > up_to) return;
    open_[next.producer_id].aborted = true;
  }
}

bool Isolation::committed(const LogBatch& batch) {
  if (!batch.transactional) return true;
  take_listed(batch.last_offset);
  Open& open = open_[batch.producer_id];
  if (!open.wrote) open.first_offset = batch.base_offset;
  open.wrote = true;
  return !open.aborted;
}

void Isolation::ended(const LogBatch& control, Marker marker) {
  if (marker == Marker::other) return;
  take_listed(control.last_offset);
  const auto it = open_.find(control.producer_id);
  if (it == open_.end()) return;  // it wrote nothing here
  if (it->second.wrote && it->second.aborted != (marker == Marker::abort)) {
    const std::string at = " at offset " + std::to_string(control.base_offset);
    contradiction(control.producer_id, it->second,
                  marker == Marker::abort
                      ? "ends in an abort marker" + at + ", and the broker's list lacks it"
                      : "ends in a commit marker" + at + ", and the broker lists it as aborted");
  }
  open_.erase(it);
}

void Isolation::at_end() {
  for (const auto& [producer, open] : open_) {
    if (open.wrote) {
      contradiction(producer, open, "has no marker below the last stable offset");
    }
  }
}

void Isolation::contradiction(std::int64_t producer, const Open& open, const std::string& what) {
  if (!trouble_.empty()) return;
  trouble_ = "the transaction of producer id " + std::to_string(producer) + " from offset " +
             std::to_string(open.first_offset) + " on " + what;
}

}  // namespace seatrial::kafka::wire
