// unavailability: spans in which messages were due on a partition and none was acked.
// Cost: linear in the spans.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "checkers/common.hpp"
#include "core/registry.hpp"
#include "core/units.hpp"

namespace seatrial::checkers {
namespace {

struct Gaps {
  std::uint64_t count = 0;
  nanoseconds longest{0};
};

class UnavailabilitySpans final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A span in which messages were due on a partition and none of them was acked. Counts "
           "spans, not messages; the finding names the longest. A fact without a promise: an "
           "expectation says how long is too long.";
  }
  [[nodiscard]] CountOf count_of() const override { return CountOf::nothing; }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    std::map<TopicPartition, Gaps> by_partition;
    for (const Unavailability& span : history.unavailability) {
      Gaps& gaps = by_partition[span.where];
      ++gaps.count;
      gaps.longest = std::max(gaps.longest, nanoseconds(span.to - span.from));
    }
    std::vector<Finding> findings;
    for (const auto& [where, gaps] : by_partition) {
      findings.push_back(
          {"unavailability",
           "",
           where,
           gaps.count,
           Allowance::neutral,
           fmt::format("The longest span without an ack was {}.", format_duration(gaps.longest)),
           {}});
    }
    return findings;
  }
};

const Registration<Checker> registration({
    .name = "unavailability",
    .help = "spans in which messages were due and none was acked",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<UnavailabilitySpans>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
