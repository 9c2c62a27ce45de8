// When a fault of the timeline strikes: at a time, after so many acks, or when something has come
// about: isr(orders/0) < 3, lag(readers) > 10000, moved(leader(orders/0)), another fault in force
// or healed. Read here, watched in run/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "scenario/comparison.hpp"

namespace seatrial::scenario {

struct Condition {
  enum class Kind {
    isr,        // the number of replicas in sync of a partition, compared with `value`
    lag,        // messages acked to its topic and not yet read by `name`, compared with `value`
    moved,      // the partition is led by another broker than when measure began
    effective,  // the fault called `name` is in force, or was
    healed      // the fault called `name` was undone
  };
  Kind kind = Kind::isr;
  TopicPartition where;  // of isr, moved
  std::string name;      // of lag: a workload that reads, or its group; else a fault's
  Comparison comparison = Comparison::less;
  std::uint64_t value = 0;
  friend bool operator==(const Condition&, const Condition&) = default;
};
[[nodiscard]] constexpr bool names_fault(Condition::Kind kind) {
  return kind == Condition::Kind::effective || kind == Condition::Kind::healed;
}
[[nodiscard]] constexpr bool names_partition(Condition::Kind kind) {
  return kind == Condition::Kind::isr || kind == Condition::Kind::moved;
}

// Of at, after_acked and when, one.
struct Trigger {
  std::optional<nanoseconds> at;             // since the start of measure
  std::optional<std::uint64_t> after_acked;  // messages since then, over all workloads
  std::optional<Condition> when{};
  nanoseconds delay{0};  // from then to the action
};

// `when:`, such as isr(orders/0) < 3.
Result<Condition> parse_when(std::string_view text);
// `after:` of a fault: `fault NAME effective`, `fault NAME healed`.
Result<Condition> parse_after_fault(std::string_view text);
std::string to_string(const Condition& condition);  // as a scenario writes it

// For people: "at 10s", "after 50,000 acked", "when isr(orders/0) < 3, 2s later".
std::string describe(const Trigger& trigger);

}  // namespace seatrial::scenario
