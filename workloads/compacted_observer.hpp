// The last record of each key on a compacted topic, for every lane that wrote there: fills `found`
// of its keyed histories. 8 bytes a key.
//
// A key that no lane has, and values that cannot be read, are left to the audit.
#pragma once

#include <string>
#include <vector>

#include "core/log.hpp"

namespace seatrial::workloads {

class CompactedObserver final : public LogObserver {
 public:
  CompactedObserver(std::string topic, std::uint64_t keys)
      : topic_(std::move(topic)), last_(keys, 0) {}

  void begin() override { last_.assign(last_.size(), 0); }
  void observe(const TopicPartition& where, const LogBatch& batch,
               const LogRecord& record) override;
  void finish(History& history) override;

 private:
  std::string topic_;
  std::vector<KeyState> last_;  // by key
};

}  // namespace seatrial::workloads
