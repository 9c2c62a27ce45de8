// A checker of recorded operations: one anomaly per file under checkers/, a pure function of the
// facts. Its definition is what `seatrial explain` prints; it also says which findings make a
// history invalid. Checkers of live trials (core/checker.hpp) judge the ledger, not operations.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "operations/facts.hpp"

namespace seatrial::operations {

// What a finding does to the verdict.
enum class Weight {
  informative,  // worth knowing; Kafka does not promise otherwise
  undecided,    // the history ends too early to tell: the verdict is at best unknown
  violation,    // the history is invalid
};
std::string_view to_string(Weight weight);

struct Proof {
  const char* role = "";  // "writer", "reader", "earlier", "later", "sends", "polls"
  OperationId operation;
};

// One anomaly at one place. What it is about comes first, proof after it.
struct Finding {
  Weight weight = Weight::violation;
  std::optional<KeyId> key;
  std::vector<MessageId> values;
  std::vector<std::int64_t> offsets;      // of these values; no_offset where it is not known
  std::uint64_t skipped = 0;              // known offsets that were passed over
  std::vector<MessageId> skipped_values;  // the first few of them
  std::optional<std::int64_t> lag_ns;
  std::vector<Proof> operations;
  std::uint64_t more_values = 0, more_operations = 0;  // that are not listed
};

inline constexpr std::size_t max_skipped_values = 8;

// Counts every finding, keeps the first `limit`, and of each no more values and operations than
// that, though always a few.
class Findings {
 public:
  explicit Findings(std::size_t limit) : limit_(limit) {}
  void add(Finding finding) {
    ++count_;
    if (worst_ < finding.weight) worst_ = finding.weight;
    if (kept_.size() >= limit_) return;
    const auto cut = [&](auto& list) {
      const std::size_t most = std::max(limit_, least_listed);
      const std::size_t beyond = list.size() > most ? list.size() - most : 0;
      if (beyond > 0) list.resize(most);
      return beyond;
    };
    finding.more_values += cut(finding.values);
    cut(finding.offsets);
    finding.more_operations += cut(finding.operations);
    kept_.push_back(std::move(finding));
  }
  // Adds who saw each value of each finding at its offset.
  void add_witnesses(const Facts& facts, const char* role);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] Weight worst() const { return worst_; }
  [[nodiscard]] const std::vector<Finding>& kept() const { return kept_; }

 private:
  static constexpr std::size_t least_listed = 10;
  std::size_t limit_;
  std::uint64_t count_ = 0;
  Weight worst_ = Weight::informative;
  std::vector<Finding> kept_;
};

class OperationChecker {
 public:
  virtual ~OperationChecker() = default;
  [[nodiscard]] virtual std::string definition() const = 0;
  virtual void check(const Facts& facts, Findings& findings) const = 0;
};

}  // namespace seatrial::operations
