// Walks what each process polled and sent, step by step, for the checkers that compare one step
// with the next. What a step is, and when none is made because the position is not known, is said
// here once.
#pragma once

#include <cstdint>
#include <functional>

#include "operations/checker.hpp"
#include "operations/facts.hpp"

namespace seatrial::operations {

// From one message of a key to the next that the same process polled, or sent.
struct Step {
  KeyId key;
  MessageId from, to;
  std::int64_t from_offset = 0, to_offset = 0;
  OperationId earlier, later;
  bool subscribed = false;  // a group shares out what this process polls
};
using Visit = std::function<void(const Step&)>;

// Between the last message of a key that an operation polled and the first that the process's next
// polling operation returns, whatever becomes of that one. Only an ok operation moves the position:
// the polls of a failed one are taken back, and after info it is not known. There is no step where
// a rebalance gave or took the key meanwhile, nor for a key that was not assigned or subscribed all
// the while, nor across a crash.
void each_step_between_polls(const Facts& facts, const Visit& visit);

// Within one operation, save for keys that its rebalances name.
void each_step_within_polls(const Facts& facts, const Visit& visit);

// Between the last send of a key of one ok operation and the first of the process's next one whose
// place is known. After info there is no step: a send may still arrive.
void each_step_between_sends(const Facts& facts, const Visit& visit);
void each_step_within_sends(const Facts& facts, const Visit& visit);

// The finding of a step, with what it passed over.
[[nodiscard]] Finding finding_of(const Facts& facts, const Step& step, Weight weight);
// Whether a known offset lies between both.
[[nodiscard]] bool skips(const Facts& facts, const Step& step);

}  // namespace seatrial::operations
