// Later offsets overwrite earlier ones, as a reader's table would.
#include "workloads/compacted_observer.hpp"

#include <charconv>

#include "ledger/identity.hpp"
#include "workloads/keyed_value.hpp"

namespace seatrial::workloads {

void CompactedObserver::observe(const TopicPartition& where, const LogBatch& batch,
                                const LogRecord& record) {
  if (where.topic != topic_ || batch.control || !record.committed) return;
  const auto* text = reinterpret_cast<const char*>(record.key.data());  // NOLINT: bytes as text
  std::uint64_t key = 0;
  const auto read = std::from_chars(text, text + record.key.size(), key);
  if (read.ec != std::errc{} || key >= last_.size()) return;
  if (record.value.data() == nullptr) {
    last_[key] = key_state(0, true);
    return;
  }
  ledger::Identity identity;
  if (record.value.size() < ledger::identity_bytes + key_and_version_bytes) return;
  if (ledger::read(record.value, identity) != ledger::Reading::good) return;
  const KeyAndVersion held = read_key(record.value);
  if (held.key == key) last_[key] = key_state(held.version, false);
}

void CompactedObserver::finish(History& history) {
  for (KeyedHistory& keyed : history.keyed) {
    if (keyed.topic != topic_) continue;
    keyed.found.clear();
    for (std::size_t i = 0; i < keyed.acked.size(); ++i) {
      const std::uint64_t key = keyed.first_key + i * keyed.key_step;
      keyed.found.push_back(key < last_.size() ? last_[key] : 0);
    }
    keyed.read = true;
    keyed.read_at = now();
  }
}

}  // namespace seatrial::workloads
