// A checker is a pure function of the history that yields findings; the contract says which of them
// the settings allow; expectations make the verdict of both. One anomaly family per file under
// checkers/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/history.hpp"
#include "core/ids.hpp"
#include "core/need.hpp"

namespace seatrial {

// In the order of severity: the worst of many is the verdict of all.
enum class Verdict { pass, invalid, unknown, fail };
std::string to_string(Verdict verdict);
[[nodiscard]] constexpr Verdict worst(Verdict a, Verdict b) { return a < b ? b : a; }

// Does the contract in force allow the finding?
enum class Allowance {
  expected,   // what these settings are known to permit
  violation,  // the settings promise that this cannot happen
  neutral,    // a fact without a promise either way
};
std::string to_string(Allowance allowance);

struct Finding {
  std::string anomaly;   // "acked-lost"
  std::string workload;  // whose messages; empty if no workload's
  TopicPartition where;
  std::uint64_t count = 0;  // messages, unless the anomaly's help says otherwise
  Allowance allowance = Allowance::neutral;
  std::string why;  // one sentence: why this is expected or a violation
  std::vector<Example> examples;
};

// What an expectation of a scenario may say of a checker's count: whose workloads it is of, or
// nothing, where a metric of the same name tells it in another unit.
enum class CountOf { produced, consumed, nothing };

class Checker {
 public:
  virtual ~Checker() = default;
  // The definition, for `seatrial explain`.
  [[nodiscard]] virtual std::string definition() const = 0;
  [[nodiscard]] virtual CountOf count_of() const { return CountOf::produced; }
  // Without it the count is 0, or nothing at all.
  [[nodiscard]] virtual Need needs() const { return Need::nothing; }
  // The header of its count's column in tables over variants, shown where something was counted;
  // empty: it has none.
  [[nodiscard]] virtual std::string column() const { return ""; }
  // One finding for each workload and partition with a count above zero.
  [[nodiscard]] virtual std::vector<Finding> check(const History& history) const = 0;
};

}  // namespace seatrial
