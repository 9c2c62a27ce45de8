// realtime-lag: how long ago a consumer's position stopped to be the end of the log.
// Cost: one pass; a step of a process costs a binary search in the times of its key.
#include <algorithm>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "core/registry.hpp"
#include "core/time.hpp"
#include "operations/checker.hpp"

namespace seatrial::operations {
namespace {

class Lags {
 public:
  Lags(const Facts& facts, std::int64_t at_least_ns, Findings& findings)
      : facts_(facts),
        at_least_ns_(at_least_ns),
        findings_(findings),
        known_(facts.history().keys.size()),
        processes_(facts.history().processes.size()) {}

  void run() {
    facts_.history().each_operation([&](OperationId id, const Operation& operation) {
      learn(id, operation);
      follow(id, operation);
    });
    for (Process& process : processes_) leave_all(process);
    for (const auto& [where, finding] : worst_) findings_.add(finding);
  }

 private:
  // From when on an offset was known to exist; both rise.
  struct Known {
    std::int64_t offset, time_ns;
  };
  struct Position {
    std::int64_t offset = no_offset;
    MessageId message{0xffff'ffff};  // none yet
    OperationId since;
  };
  struct Process {
    std::unordered_map<std::uint32_t, Position> positions;  // by key
    OperationId last_poll;  // the last ok one since positions were assigned
    bool polled = false;
  };

  void learn(OperationId id, const Operation& operation) {
    if (operation.outcome == Outcome::fail) return;
    facts_.history().each_record(id, [&](const Record& record) {
      if (record.offset == no_offset) return;
      if (record.kind != Record::Kind::poll &&
          (record.kind != Record::Kind::send || !facts_.committed(id))) {
        return;
      }
      auto& known = known_[facts_.history().messages.key(record.message()).value];
      if (!known.empty() && known.back().offset >= record.offset) return;
      if (!known.empty() && known.back().time_ns >= operation.time_ns)
        known.back().offset = record.offset;
      else known.push_back({record.offset, operation.time_ns});
    });
  }

  void follow(OperationId id, const Operation& operation) {
    Process& process = processes_[operation.process.value];
    switch (operation.function) {
      case Function::send: return;
      case Function::assign:
      case Function::subscribe:
      case Function::crash: return change(process, operation, id);
      case Function::poll:
      case Function::txn: break;
    }
    drop_rebalanced(process, operation, id);
    if (operation.outcome != Outcome::ok) return;
    facts_.history().each_record(id, [&](const Record& record) {
      if (record.kind != Record::Kind::poll || record.offset == no_offset) return;
      const KeyId key = facts_.history().messages.key(record.message());
      const auto found = process.positions.find(key.value);
      if (found == process.positions.end()) {
        process.positions[key.value] = {record.offset, record.message(), id};
      } else if (found->second.offset < record.offset) {
        leave(process, key, found->second);
        found->second = {record.offset, record.message(), id};
      }
    });
    process.last_poll = id;
    process.polled = true;
  }

  // A failed assign or subscribe changed nothing; after info the positions are not known, as after
  // a crash.
  void change(Process& process, const Operation& operation, OperationId id) {
    if (operation.function != Function::crash && operation.outcome == Outcome::fail) return;
    leave_all(process);
    std::unordered_map<std::uint32_t, Position> stay;
    if (operation.function == Function::assign && operation.outcome == Outcome::ok) {
      facts_.history().each_record(id, [&](const Record& record) {
        const auto found = process.positions.find(record.id);
        const bool keeps = found != process.positions.end() && !operation.seeks_to_beginning;
        stay[record.id] = keeps ? found->second : Position{};
      });
    }
    process = {.positions = std::move(stay)};
  }

  void drop_rebalanced(Process& process, const Operation& operation, OperationId id) {
    if (operation.rebalanced_all) {
      leave_all(process);
      process.positions.clear();
    }
    facts_.history().each_record(id, [&](const Record& record) {
      if (record.kind != Record::Kind::rebalanced) return;
      const auto found = process.positions.find(record.id);
      if (found == process.positions.end()) return;
      leave(process, record.key(), found->second);
      process.positions.erase(found);
    });
  }

  void leave_all(Process& process) {
    for (const auto& [key, position] : process.positions) leave(process, KeyId{key}, position);
  }

  // The last poll that was invoked with this position behind it has seen its worst lag.
  void leave(const Process& process, KeyId key, const Position& position) {
    // Passed within one operation, which is not the last one yet: nobody waited there.
    if (!process.polled || process.last_poll < position.since) return;
    const auto& known = known_[key.value];
    const auto beyond = std::ranges::upper_bound(known, position.offset, {}, &Known::offset);
    if (beyond == known.end()) return;
    const Operation& poll = facts_.history()[process.last_poll];
    const std::int64_t lag_ns = poll.invoked_ns - beyond->time_ns;
    if (lag_ns < at_least_ns_ || lag_ns <= 0) return;
    Finding& worst = worst_[{poll.process, key}];
    if (worst.lag_ns.value_or(0) >= lag_ns) return;
    worst = {.weight = Weight::informative, .key = key};
    worst.lag_ns = lag_ns;
    if (position.offset != no_offset) {
      worst.values = {position.message};
      worst.offsets = {position.offset};
    }
    worst.operations = {{"polled that late", process.last_poll}};
  }

  const Facts& facts_;
  const std::int64_t at_least_ns_;
  Findings& findings_;
  std::vector<std::vector<Known>> known_;  // by key
  std::vector<Process> processes_;
  std::map<std::pair<ProcessId, KeyId>, Finding> worst_;
};

class RealtimeLag final : public OperationChecker {
 public:
  explicit RealtimeLag(nanoseconds at_least) : at_least_(at_least) {}
  [[nodiscard]] std::string definition() const override {
    return "When an ok poll of a process was invoked, the highest offset that it ever returned of "
           "an assigned key (or that it was not yet at the first one) had not been the last of "
           "the log for at least so long: an operation that knew a higher one had completed that "
           "much earlier. Told is the worst lag of each process and key that reached `at_least` "
           "(--lag). Keys that a process subscribes to count from their first poll on, as its "
           "group may give them to others. Informative: Kafka promises no bound. In a live trial "
           "this is realtime-lag.";
  }
  void check(const Facts& facts, Findings& findings) const override {
    Lags(facts, at_least_.count(), findings).run();
  }

 private:
  nanoseconds at_least_;
};

const Registration<OperationChecker> registration({
    .name = "realtime-lag",
    .help = "how long a consumer was behind, if that was long",
    .options = {{.name = "at_least",
                 .type = OptionType::duration,
                 .fallback = "10s",
                 .help = "a shorter lag is not reported"}},
    .make = [](const Options& options) -> std::unique_ptr<OperationChecker> {
      return std::make_unique<RealtimeLag>(options.duration("at_least"));
    },
});

}  // namespace
}  // namespace seatrial::operations
