// Waiting, sampling, reading (again, if a leader moved meanwhile), comparing.
#include "run/audit_log.hpp"

#include <algorithm>
#include <map>
#include <thread>

#include "kafka/log_reader.hpp"
#include "ledger/audit.hpp"

namespace seatrial::run {
namespace {

struct Span {
  TopicPartition where;
  std::int64_t log_start = 0;
  std::int64_t log_end = 0;
  std::int32_t epoch = -1;
  std::string problem;  // empty: sampled, and stable
};

std::vector<TopicPartition> all_partitions(const std::vector<scenario::TopicPlan>& topics) {
  std::vector<TopicPartition> out;
  for (const auto& topic : topics) {
    for (int p = 0; p < topic.partitions; ++p) out.push_back({topic.name, p});
  }
  return out;
}

std::int32_t epoch_of(const kafka::ClusterState& state, const TopicPartition& where) {
  const auto it = std::ranges::find(state.partitions, where, &kafka::PartitionState::where);
  return it == state.partitions.end() ? -1 : it->epoch;
}

// The log end once the high watermark has reached it, so that all of the log can be read.
Span sample(const AuditSetting& setting, const TopicPartition& where, Instant deadline,
            const std::stop_token& stop) {
  Span span;
  span.where = where;
  span.epoch = epoch_of(setting.watch.state(), where);
  while (true) {
    const auto start = setting.watch.log_start(where, deadline);
    const auto end = setting.watch.log_end(where, deadline);
    const auto watermark = setting.watch.high_watermark(where, deadline);
    if (start && end && watermark && *end == *watermark) {
      span.log_start = *start;
      span.log_end = *end;
      return span;
    }
    if (now() >= deadline || stop.stop_requested()) {
      if (!end) span.problem = "its log end could not be read: " + end.error().message;
      else if (!start) span.problem = "its log start could not be read: " + start.error().message;
      else if (!watermark)
        span.problem = "its high watermark could not be read: " + watermark.error().message;
      else span.problem = "its high watermark stayed below its log end";
      return span;
    }
    std::this_thread::sleep_for(milliseconds(20));
  }
}

// Whether a leader changed while it was read: then what was read may be of two logs.
bool read_all(const AuditSetting& setting, const std::vector<Span>& spans, ledger::Audit& audit,
              Instant deadline, const std::stop_token& stop,
              const std::function<void(std::uint64_t)>& progress) {
  std::vector<kafka::ReadSpan> wanted;
  for (const Span& span : spans) {
    audit.expect(span.where, span.log_start, span.log_end);
    if (span.problem.empty()) wanted.push_back({span.where, span.log_start, span.log_end});
    else audit.incomplete(span.where, span.problem);
  }
  if (setting.prepare) setting.prepare(audit);
  const auto on_message = [&](const TopicPartition& where, std::int64_t offset,
                              std::span<const std::byte> value) {
    audit.observe(where, {}, {.offset = offset, .key = {}, .value = value});
    if (audit.messages_read() % 65536 == 0) progress(audit.messages_read());
  };
  const auto reads = kafka::read_log(setting.bootstrap, wanted, on_message, deadline, stop);
  const kafka::ClusterState after = setting.watch.state();
  bool moved = false;
  for (const auto& read : reads) {
    const auto span = std::ranges::find(spans, read.where, &Span::where);
    const bool same_leader = epoch_of(after, read.where) == span->epoch;
    moved = moved || !same_leader;
    if (!read.complete) audit.incomplete(read.where, read.reason);
    else if (!same_leader) audit.incomplete(read.where, "its leader changed while it was read");
    else audit.complete(read.where);
  }
  return moved;
}

}  // namespace

bool fully_replicated(const kafka::ClusterState& state,
                      const std::vector<scenario::TopicPlan>& topics) {
  for (const auto& topic : topics) {
    for (int p = 0; p < topic.partitions; ++p) {
      const auto it = std::ranges::find(state.partitions, TopicPartition{topic.name, p},
                                        &kafka::PartitionState::where);
      if (it == state.partitions.end() || it->leader.value < 0) return false;
      if (it->isr.size() < static_cast<std::size_t>(topic.replication)) return false;
    }
  }
  return true;
}

AuditResult audit_log(const AuditSetting& setting, History& history, const std::stop_token& stop,
                      const std::function<void(std::uint64_t)>& progress) {
  AuditResult result;
  const Instant begun = now();
  const bool replicated = setting.watch.wait_until(
      [&](const kafka::ClusterState& state) { return fully_replicated(state, setting.topics); },
      begun + setting.recover_budget, stop);
  if (replicated) result.full_isr_after = now() - begun;
  const Instant read_begun = now();
  const Instant deadline = read_begun + setting.read_budget;
  // Leaders move back to where they belong some seconds after a broker is back: then read again.
  for (bool again = true; again;) {
    std::vector<Span> spans;
    for (const auto& where : all_partitions(setting.topics)) {
      spans.push_back(sample(setting, where, std::min(deadline, now() + seconds(10)), stop));
    }
    ledger::Audit audit(setting.trial_tag, history.streams);
    const bool moved = read_all(setting, spans, audit, deadline, stop, progress);
    again = moved && now() < deadline && !stop.stop_requested();
    result.messages_read = audit.messages_read();
    if (!again) audit.finish(history);
  }
  if (!replicated) {
    for (auto& partition : history.partitions) {
      partition.complete = false;
      partition.incomplete_reason = "full ISR was not reached within its budget";
    }
  }
  result.complete = !history.partitions.empty();
  for (const auto& partition : history.partitions) {
    if (partition.complete) continue;
    if (result.complete)
      result.reason = to_string(partition.where) + ": " + partition.incomplete_reason;
    result.complete = false;
  }
  result.duration = now() - read_begun;
  return result;
}

}  // namespace seatrial::run
