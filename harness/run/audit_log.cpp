// Waiting, sampling, reading (again, if a leader moved meanwhile), comparing.
#include "run/audit_log.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <span>
#include <thread>

#include "core/check.hpp"
#include "ledger/audit.hpp"

namespace seatrial::run {
namespace {

constexpr std::uint64_t progress_every = 65536;  // messages

struct Span {
  TopicPartition where;
  std::int64_t log_start = 0;
  std::int64_t log_end = 0;
  std::int64_t last_stable_offset = -1;
  std::int32_t epoch = -1;
  std::string problem;  // empty: sampled, and stable
  bool open_transaction = false;
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

// One look at a partition's ends; the problem that makes them unfit to read up to, or none.
Span look(const AuditSetting& setting, const TopicPartition& where, Instant deadline) {
  Span span{.where = where, .epoch = epoch_of(setting.watch.state(), where)};
  const auto problem = [&](const char* what, const Error& error) {
    span.problem = std::string("its ") + what + " could not be read: " + error.message;
    return span;
  };
  const auto start = setting.watch.log_start(where, deadline);
  if (!start) return problem("log start", start.error());
  const auto end = setting.watch.log_end(where, deadline);
  if (!end) return problem("log end", end.error());
  const auto watermark = setting.watch.high_watermark(where, deadline);
  if (!watermark) return problem("high watermark", watermark.error());
  const auto stable = setting.watch.last_stable_offset(where, deadline);
  if (!stable) return problem("last stable offset", stable.error());
  span.log_start = *start;
  span.log_end = *end;
  span.last_stable_offset = *stable;
  if (*end != *watermark) {
    span.problem = "its high watermark stayed below its log end";
  } else if (*end != *stable) {
    span.problem = "a transaction on it did not end: its last stable offset stayed at " +
                   std::to_string(*stable) + ", below its log end " + std::to_string(*end);
    span.open_transaction = true;
  }
  return span;
}

// The log end once the high watermark and the last stable offset have reached it, so that all of
// the log can be read, and every transaction has ended. Those may take their whole timeout.
Span sample(const AuditSetting& setting, const TopicPartition& where, Instant settled_by,
            Instant ended_by, const std::stop_token& stop) {
  while (true) {
    Span span = look(setting, where, std::max(settled_by, now() + seconds(1)));
    const Instant deadline = span.open_transaction ? ended_by : settled_by;
    if (span.problem.empty() || now() >= deadline || stop.stop_requested()) return span;
    std::this_thread::sleep_for(milliseconds(20));
  }
}

std::vector<Span> sample_all(const AuditSetting& setting, Instant deadline,
                             const std::stop_token& stop) {
  // A quarter of what time there is stays for the reading.
  const Instant ended_by = deadline - (deadline - now()) / 4;
  std::vector<Span> spans;
  for (const auto& where : all_partitions(setting.topics)) {
    const Instant settled_by = std::min(deadline, now() + seconds(10));
    spans.push_back(sample(setting, where, settled_by, ended_by, stop));
  }
  return spans;
}

// What one reading brought, beside what the audit and the observers were told.
struct Reading {
  bool again = false;   // leaders moved: what was read may be of two logs
  std::string refusal;  // why it must be read through librdkafka
  std::vector<kafka::ReadOutcome> outcomes;
};

Reading read_all(const AuditSetting& setting, kafka::Reader reader, const std::vector<Span>& spans,
                 ledger::Audit& audit, Instant deadline, const std::stop_token& stop,
                 const std::function<void(std::uint64_t)>& progress) {
  std::vector<kafka::ReadSpan> wanted;
  for (const Span& span : spans) {
    audit.expect(span.where, span.log_start, span.log_end);
    if (span.problem.empty()) wanted.push_back({span.where, span.log_start, span.log_end});
    else audit.incomplete(span.where, span.problem);
  }
  if (setting.prepare) setting.prepare(audit);
  for (LogObserver* observer : setting.observers) observer->begin();
  std::uint64_t next_progress = progress_every;
  std::mutex one_at_a_time;  // observers and progress; the audit needs no lock
  const auto on_records = [&](const TopicPartition& where, const LogBatch& batch,
                              std::span<const LogRecord> records) {
    audit.observe(where, batch, records);
    const std::lock_guard lock(one_at_a_time);
    for (LogObserver* observer : setting.observers) {
      for (const LogRecord& record : records) observer->observe(where, batch, record);
    }
    const std::uint64_t read = audit.messages_read();
    if (read < next_progress) return;
    next_progress = read + progress_every;
    progress(read);
  };
  auto read = kafka::read_log(reader, setting.access, wanted, on_records, deadline, stop);
  Reading out{.refusal = std::move(read.refusal), .outcomes = std::move(read.outcomes)};
  if (!out.refusal.empty()) return out;
  const kafka::ClusterState after = setting.watch.state();
  for (const auto& outcome : out.outcomes) {
    const auto span = std::ranges::find(spans, outcome.where, &Span::where);
    const bool other_leader =
        outcome.leader_epoch >= 0 && span->epoch >= 0 && outcome.leader_epoch != span->epoch;
    const bool moved =
        outcome.leader_changed || other_leader || epoch_of(after, outcome.where) != span->epoch;
    out.again = out.again || moved;
    if (!outcome.complete) audit.incomplete(outcome.where, outcome.reason);
    else if (moved) audit.incomplete(outcome.where, "its leader changed while it was read");
    else audit.complete(outcome.where);
  }
  return out;
}

// What the audit was not told record by record.
void add_reading(const std::vector<Span>& spans, kafka::Reader reader,
                 const std::vector<kafka::ReadOutcome>& outcomes, History& history) {
  const auto found = [&](const TopicPartition& where) -> PartitionHistory& {
    const auto at = std::ranges::find(history.partitions, where, &PartitionHistory::where);
    check(at != history.partitions.end(), "the audit knows every partition that was sampled");
    return *at;
  };
  for (const Span& span : spans) found(span.where).last_stable_offset = span.last_stable_offset;
  for (const auto& read : outcomes) {
    PartitionHistory& partition = found(read.where);
    partition.batches_seen = reader == kafka::Reader::wire;  // also where there was none
    if (read.corrupt_batch < 0) continue;
    partition.corrupt.add({{},
                           {},
                           read.where,
                           read.corrupt_batch,
                           "the CRC32C of its record batch differs: whose it was is unknown"});
  }
}

// Until a reading is whole, or cannot become so.
void read_and_compare(const AuditSetting& setting, History& history, AuditResult& result,
                      Instant deadline, const std::stop_token& stop,
                      const std::function<void(std::uint64_t)>& progress) {
  result.reader = setting.reader;
  while (true) {
    const auto spans = sample_all(setting, deadline, stop);
    ledger::Audit audit(setting.trial_tag, history.streams);
    const auto reading = read_all(setting, result.reader, spans, audit, deadline, stop, progress);
    if (!reading.refusal.empty()) {
      result.reader = kafka::Reader::librdkafka;
      result.reader_reason = reading.refusal;
      continue;
    }
    // Leaders move back to where they belong some seconds after a broker is back: then read again.
    if (reading.again && now() < deadline && !stop.stop_requested()) continue;
    result.messages_read = audit.messages_read();
    audit.finish(history);
    add_reading(spans, result.reader, reading.outcomes, history);
    for (LogObserver* observer : setting.observers) observer->finish(history);
    return;
  }
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

std::vector<std::string> not_checked(kafka::Reader reader) {
  if (reader == kafka::Reader::wire) return {};
  return {"epoch-regression", "aborted transactions against their markers",
          "which messages a reader under read_committed is given"};
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
  read_and_compare(setting, history, result, deadline, stop, progress);
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
