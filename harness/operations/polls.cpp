// Positions are kept by process and key. What one operation did with each key is gathered first, as
// its polls of a key count as one.
#include "operations/polls.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <vector>

namespace seatrial::operations {
namespace {

struct Place {
  MessageId message;
  std::optional<std::int64_t> offset;
};

// First and last record of each key in one operation.
class ByKey {
 public:
  explicit ByKey(const Facts& facts) : facts_(facts), slots_(facts.history().keys.size()) {}

  void gather(OperationId id, Record::Kind kind) {
    touched_.clear();
    rebalanced_.clear();
    const History& history = facts_.history();
    history.each_record(id, [&](const Record& record) {
      if (record.kind == Record::Kind::rebalanced) rebalanced_.push_back(record.key());
      if (record.kind != kind) return;
      const KeyId key = history.messages.key(record.message());
      Slot& slot = slots_[key.value];
      const Place place{record.message(), facts_.offset_of(id, record)};
      if (slot.operation != id.value + 1ULL) {
        slot = {id.value + 1ULL, place, place};
        touched_.push_back(key);
      }
      slot.last = place;
    });
  }
  [[nodiscard]] const std::vector<KeyId>& touched() const { return touched_; }
  [[nodiscard]] const std::vector<KeyId>& rebalanced() const { return rebalanced_; }
  [[nodiscard]] const Place& first(KeyId key) const { return slots_[key.value].first; }
  [[nodiscard]] const Place& last(KeyId key) const { return slots_[key.value].last; }

 private:
  struct Slot {
    std::uint64_t operation = 0;  // its id and one; 0: none yet
    Place first, last;
  };
  const Facts& facts_;
  std::vector<Slot> slots_;
  std::vector<KeyId> touched_, rebalanced_;
};

struct Position {
  MessageId message;
  std::int64_t offset = 0;
  OperationId operation;
};

struct Process {
  std::unordered_map<std::uint32_t, Position> positions;  // by key
  bool subscribed = false;
};

class Positions {
 public:
  Positions(const Facts& facts, Record::Kind kind, const Visit& visit)
      : facts_(facts),
        visit_(visit),
        kind_(kind),
        by_key_(facts),
        processes_(facts.history().processes.size()) {}

  void run() {
    facts_.history().each_operation([&](OperationId id, const Operation& operation) {
      Process& process = processes_[operation.process.value];
      switch (operation.function) {
        case Function::crash: process = {}; return;
        case Function::assign:
        case Function::subscribe:
          if (kind_ == Record::Kind::poll) assign(process, id, operation);
          return;
        case Function::send:
        case Function::poll:
        case Function::txn: break;
      }
      by_key_.gather(id, kind_);
      if (kind_ == Record::Kind::poll) {
        forget_rebalanced(process, operation);
        compare(process, id);
      } else if (facts_.committed(id)) {
        compare(process, id);
      }
      advance(process, id, operation.outcome);
    });
  }

 private:
  void assign(Process& process, OperationId id, const Operation& operation) {
    if (operation.outcome == Outcome::fail) return;
    std::unordered_map<std::uint32_t, Position> stay;
    if (!operation.seeks_to_beginning) {
      facts_.history().each_record(id, [&](const Record& record) {
        const auto found = process.positions.find(record.id);
        if (found != process.positions.end()) stay.insert(*found);
      });
    }
    process.positions = std::move(stay);
    process.subscribed = operation.function == Function::subscribe;
  }

  void forget_rebalanced(Process& process, const Operation& operation) {
    if (operation.rebalanced_all) process.positions.clear();
    for (const KeyId key : by_key_.rebalanced()) process.positions.erase(key.value);
  }

  void compare(const Process& process, OperationId id) {
    for (const KeyId key : by_key_.touched()) {
      const auto before = process.positions.find(key.value);
      const Place& now = by_key_.first(key);
      if (before == process.positions.end() || !now.offset) continue;
      const Position& from = before->second;
      visit_({.key = key,
              .from = from.message,
              .to = now.message,
              .from_offset = from.offset,
              .to_offset = *now.offset,
              .earlier = from.operation,
              .later = id,
              .subscribed = process.subscribed});
    }
  }

  void advance(Process& process, OperationId id, Outcome outcome) {
    if (outcome == Outcome::fail) return;
    for (const KeyId key : by_key_.touched()) {
      const Place& last = by_key_.last(key);
      if (outcome == Outcome::ok && last.offset) {
        process.positions[key.value] = {last.message, *last.offset, id};
      } else {
        process.positions.erase(key.value);
      }
    }
  }

  const Facts& facts_;
  const Visit& visit_;
  Record::Kind kind_;
  ByKey by_key_;
  std::vector<Process> processes_;
};

// Steps inside of one operation after the other.
class Inner {
 public:
  Inner(const Facts& facts, Record::Kind kind, const Visit& visit)
      : facts_(facts), visit_(visit), kind_(kind), last_(facts.history().keys.size()) {}

  void run(OperationId id) {
    const History& history = facts_.history();
    if (history[id].rebalanced_all && kind_ == Record::Kind::poll) return;
    ++stamp_;
    history.each_record(id, [&](const Record& record) {
      if (record.kind == Record::Kind::rebalanced) last_[record.id] = {stamp_, true, {}};
    });
    history.each_record(id, [&](const Record& record) {
      if (record.kind != kind_) return;
      const KeyId key = history.messages.key(record.message());
      Last& last = last_[key.value];
      if (last.stamp == stamp_ && last.rebalanced && kind_ == Record::Kind::poll) return;
      const Place now{record.message(), facts_.offset_of(id, record)};
      if (last.stamp == stamp_ && last.place.offset && now.offset) {
        visit_({.key = key,
                .from = last.place.message,
                .to = now.message,
                .from_offset = *last.place.offset,
                .to_offset = *now.offset,
                .earlier = id,
                .later = id});
      }
      last = {stamp_, false, now};
    });
  }

 private:
  struct Last {
    std::uint64_t stamp = 0;  // of the operation that it belongs to
    bool rebalanced = false;
    Place place;
  };
  const Facts& facts_;
  const Visit& visit_;
  Record::Kind kind_;
  std::vector<Last> last_;
  std::uint64_t stamp_ = 0;
};

}  // namespace

void each_step_between_polls(const Facts& facts, const Visit& visit) {
  Positions(facts, Record::Kind::poll, visit).run();
}

void each_step_between_sends(const Facts& facts, const Visit& visit) {
  Positions(facts, Record::Kind::send, visit).run();
}

void each_step_within_polls(const Facts& facts, const Visit& visit) {
  Inner inner(facts, Record::Kind::poll, visit);
  facts.history().each_operation([&](OperationId id, const Operation&) { inner.run(id); });
}

void each_step_within_sends(const Facts& facts, const Visit& visit) {
  Inner inner(facts, Record::Kind::send, visit);
  facts.history().each_operation([&](OperationId id, const Operation&) {
    if (facts.committed(id)) inner.run(id);
  });
}

bool skips(const Facts& facts, const Step& step) {
  // Neighbours by number need no search, and most are.
  return step.to_offset > step.from_offset + 1 &&
         !facts.between(step.key, step.from_offset + 1, step.to_offset).empty();
}

Finding finding_of(const Facts& facts, const Step& step, Weight weight) {
  Finding out{.weight = weight,
              .key = step.key,
              .values = {step.from, step.to},
              .offsets = {step.from_offset, step.to_offset}};
  const auto passed = facts.between(step.key, step.from_offset + 1, step.to_offset);
  if (!passed.empty()) out.skipped = passed.back().position - passed.front().position + 1;
  for (const LogEntry& entry : passed.subspan(0, std::min(passed.size(), max_skipped_values))) {
    out.skipped_values.push_back(entry.message);
  }
  if (step.earlier != step.later) out.operations.push_back({"earlier", step.earlier});
  out.operations.push_back({step.earlier == step.later ? "within" : "later", step.later});
  return out;
}

}  // namespace seatrial::operations
