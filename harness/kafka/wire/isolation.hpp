// Which records a reader under read_committed is given, told from the broker's list of aborted
// transactions as its clients do it, and checked against the markers in the log. One per partition,
// fed every batch in order.
//
// A list and a log that contradict each other are trouble: what such a partition holds is not
// known. What lies below the first batch read is not held against either.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "kafka/wire/fetch.hpp"
#include "kafka/wire/record_batch.hpp"

namespace seatrial::kafka::wire {

class Isolation {
 public:
  // A further answer: the list that came with it holds for its batches.
  void begin_answer(std::span<const AbortedTransaction> aborted);
  // Whether the records of a batch, which is no control batch, are given to such a reader.
  bool committed(const LogBatch& batch);
  void ended(const LogBatch& control, Marker marker);
  // Everything was read up to the last stable offset, so no transaction is open.
  void at_end();

  [[nodiscard]] const std::string& trouble() const { return trouble_; }  // the first; empty: none

 private:
  struct Open {
    bool aborted = false;  // by the list
    bool wrote = false;    // and its first record, as far as was read:
    std::int64_t first_offset = -1;
  };

  void take_listed(std::int64_t up_to);
  void contradiction(std::int64_t producer, const Open& open, const std::string& what);

  std::vector<AbortedTransaction> listed_;  // of this answer, by first offset
  std::size_t next_listed_ = 0;
  std::map<std::int64_t, Open> open_;  // by producer id
  std::string trouble_;
};

}  // namespace seatrial::kafka::wire
