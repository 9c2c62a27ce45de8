// Which of a trial's messages a record is; and how many records were none. Used by one lane.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <string>
#include <vector>

#include "ledger/identity.hpp"

namespace seatrial::workloads {

class IdentityReader {
 public:
  struct Read {
    bool identified = false;    // false: without a readable identity, or of another trial
    ledger::Identity identity;  // only if identified
  };
  explicit IdentityReader(std::uint32_t trial_tag) : trial_tag_(trial_tag) {}

  [[nodiscard]] Read read(const rd_kafka_message_t& message);
  // A sentence for each kind of record that was none of the trial's.
  void add_notes(std::vector<std::string>& notes) const;

 private:
  std::uint32_t trial_tag_;
  std::uint64_t corrupt_ = 0, foreign_ = 0;
};

}  // namespace seatrial::workloads
