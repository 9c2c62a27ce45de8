// exactly-once-violation: inputs of a transform with other than one output.
// Cost: linear in the intervals of input offsets.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "checkers/transactions.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

IntervalSet below(const IntervalSet& of, std::int64_t limit) {
  IntervalSet out = of;
  out.erase(static_cast<std::uint64_t>(std::max<std::int64_t>(limit, 0)), UINT64_MAX - 1);
  return out;
}

bool is_whole(const History& history, const TopicPartition& where) {
  return read_from_start(history, where) && visibility_is_known(history, where);
}

// Whether what is not found in the output was never put there.
bool output_is_whole(const History& history, const std::string& topic) {
  return std::ranges::all_of(history.partitions, [&](const PartitionHistory& p) {
    return p.where.topic != topic || p.messages_read == 0 || is_whole(history, p.where);
  });
}

struct Counts {
  std::uint64_t twice = 0;    // outputs beyond the first
  std::uint64_t skipped = 0;  // offsets that the group has done with, and without an output
  std::uint64_t beyond = 0;   // with an output, and not done with: they would be read again
  std::uint64_t made_up = 0;  // with an output, and no record that a reader is given
  [[nodiscard]] std::uint64_t sum() const { return twice + skipped + beyond + made_up; }
};

void note(std::vector<Example>& examples, const IntervalSet& offsets, const TopicPartition& where,
          const std::string& what) {
  for (const auto& interval : offsets.intervals()) {
    for (std::uint64_t offset = interval.begin; offset < interval.end; ++offset) {
      if (examples.size() >= max_examples) return;
      examples.push_back({StreamId{}, Seq{}, where, static_cast<std::int64_t>(offset), what});
    }
  }
}

Finding judge(const History& history, const TransformHistory& transform,
              const TransformInput& input) {
  Finding finding{
      .anomaly = "exactly-once-violation", .workload = transform.workload, .where = input.where};
  Counts counts{.twice = input.twice.count};
  finding.examples = input.twice.examples;
  const bool input_whole = is_whole(history, input.where);
  if (input_whole && output_is_whole(history, transform.output)) {
    const IntervalSet made_up = input.transformed.minus(input.readable);
    counts.made_up = made_up.count();
    note(finding.examples, made_up, input.where, "has an output, and no committed record");
    if (transform.offsets_known) {
      const IntervalSet done = below(input.readable, input.committed_offset);
      const IntervalSet skipped = done.minus(input.transformed);
      const IntervalSet beyond =
          input.transformed.minus(below(input.transformed, input.committed_offset));
      counts.skipped = skipped.count();
      counts.beyond = beyond.count();
      note(finding.examples, skipped, input.where, "below the committed offset, without output");
      note(finding.examples, beyond, input.where, "not below the committed offset, with output");
    }
  }
  finding.count = counts.sum();
  const std::string what = fmt::format(
      "{} more outputs of the same input, {} inputs done with and without output, {} with output "
      "and not done with, {} outputs of no committed input.",
      counts.twice, counts.skipped, counts.beyond, counts.made_up);
  if (transform.transactional) {
    finding.allowance = Allowance::violation;
    finding.why = "Output and offset were in one transaction: " + what;
  } else {
    finding.allowance = Allowance::expected;
    finding.why =
        "Without transactions output and offset are two writes, and an interruption "
        "between them repeats or skips: " +
        what;
  }
  return finding;
}

class ExactlyOnceViolation final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "In the committed output of a consume-transform-produce workload an input message "
           "counts other than once: it has several outputs; the group's committed offset is above "
           "it and it has none; it has one although the group would read it again; or the output "
           "was made of something that no reader under read_committed is given. Decided by the "
           "input's partition and offset, which each output carries. Input and output must have "
           "been read completely, and nothing of them deleted, for all but the first. A violation "
           "where offsets are sent within the transaction, else expected.";
  }
  [[nodiscard]] Need needs() const override { return Need::transactions; }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    std::vector<Finding> findings;
    for (const TransformHistory& transform : history.transforms) {
      for (const TransformInput& input : transform.inputs) {
        Finding finding = judge(history, transform, input);
        if (finding.count > 0) findings.push_back(std::move(finding));
      }
    }
    return findings;
  }
};

const Registration<Checker> registration({
    .name = "exactly-once-violation",
    .help = "inputs of a transform that count other than once in its output",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<ExactlyOnceViolation>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
