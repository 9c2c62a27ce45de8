// Intervals by stream while reading; by workload at the end.
#include "workloads/transform_observer.hpp"

#include <algorithm>

#include "ledger/identity.hpp"
#include "workloads/transform_reference.hpp"

namespace seatrial::workloads {
namespace {

TransformInput& input_of(TransformHistory& transform, std::int32_t partition) {
  const TopicPartition where{transform.input, partition};
  const auto at = std::ranges::find(transform.inputs, where, &TransformInput::where);
  if (at != transform.inputs.end()) return *at;
  return transform.inputs.emplace_back(TransformInput{.where = where});
}

}  // namespace

void TransformObserver::begin() {
  readable_.clear();
  made_.clear();
}

void TransformObserver::observe(const TopicPartition& where, const LogBatch& batch,
                                const LogRecord& record) {
  if (batch.control || !record.committed) return;
  if (where.topic == input_) {
    readable_[where.partition].insert(static_cast<std::uint64_t>(record.offset));
    return;
  }
  if (where.topic != output_) return;
  ledger::Identity identity;
  if (ledger::read(record.value, identity) != ledger::Reading::good) return;
  const auto reference = read_reference(record.value);
  if (!reference || reference->offset < 0) return;
  Made& made = made_[identity.stream][reference->partition];
  if (made.from.insert(static_cast<std::uint64_t>(reference->offset))) return;
  made.twice.add({identity.stream, identity.seq, where, record.offset,
                  "another output of offset " + std::to_string(reference->offset) +
                      " of the input's partition " + std::to_string(reference->partition)});
}

void TransformObserver::finish(History& history) {
  for (TransformHistory& transform : history.transforms) {
    if (transform.input != input_ || transform.output != output_) continue;
    for (const auto& [partition, offsets] : readable_) {
      input_of(transform, partition).readable = offsets;
    }
    for (const StreamHistory& stream : history.streams) {
      if (stream.workload != transform.workload || !made_.contains(stream.stream)) continue;
      for (auto& [partition, made] : made_[stream.stream]) {
        TransformInput& input = input_of(transform, partition);
        input.twice.count += made.twice.count;
        for (const Example& example : made.twice.examples) {
          if (input.twice.examples.size() < max_examples) input.twice.examples.push_back(example);
        }
        const IntervalSet again = input.transformed.intersect(made.from);
        for (const auto& interval : again.intervals()) {
          for (std::uint64_t offset = interval.begin; offset < interval.end; ++offset) {
            input.twice.add({stream.stream, Seq{0}, stream.where, -1,
                             "its stream holds another output of offset " + std::to_string(offset) +
                                 " of " + to_string(input.where)});
          }
        }
        for (const auto& interval : made.from.intervals()) {
          input.transformed.insert(interval.begin, interval.end);
        }
      }
    }
  }
}

}  // namespace seatrial::workloads
