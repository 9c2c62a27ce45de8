// What a transform made of its input, as the log holds it: which offsets of the input hold a
// record that readers under read_committed are given, and which of them have such an output, or
// more than one. Fills `inputs` of the transforms between its two topics.
//
// Per stream of the output it keeps intervals of input offsets, so memory grows with gaps. What it
// cannot read (a record without a reference) is the audit's to report.
#pragma once

#include <map>
#include <string>

#include "core/interval_set.hpp"
#include "core/log.hpp"

namespace seatrial::workloads {

class TransformObserver final : public LogObserver {
 public:
  TransformObserver(std::string input, std::string output)
      : input_(std::move(input)), output_(std::move(output)) {}

  void begin() override;
  void observe(const TopicPartition& where, const LogBatch& batch,
               const LogRecord& record) override;
  void finish(History& history) override;

 private:
  struct Made {
    IntervalSet from;  // input offsets
    Sightings twice;
  };
  std::string input_, output_;
  std::map<std::int32_t, IntervalSet> readable_;
  // By the output's stream, since several transforms may write to one topic; by input partition.
  std::map<StreamId, std::map<std::int32_t, Made>> made_;
};

}  // namespace seatrial::workloads
