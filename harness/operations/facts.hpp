// What a history proves about each key's log and each message, found once for all checkers:
//
// - A send counts as committed if its operation is ok, or is info and an ok operation polled a
//   message that it sent: then all of it must have happened.
// - A key's log holds what committed sends were told and what anybody polled, by offset. Offsets
//   may have gaps (markers of transactions, compaction), so nearness is counted in offsets that are
//   known to hold something.
// - A message that the history sends more than once cannot be told from its twin: it is ambiguous,
//   no checker makes it a subject, and the verdict is at best unknown. So it is for one that was
//   polled and never sent.
//
// Memory: 24 bytes for a known offset, 18 for a message, 1 for an operation. Read-only once built.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "operations/history.hpp"

namespace seatrial::operations {

struct LogEntry {
  std::int64_t offset = 0;
  MessageId message;
  std::uint32_t position = 0;  // how many known offsets are below
};

class Facts {
 public:
  explicit Facts(const History& history);
  Facts(const Facts&) = delete;
  Facts& operator=(const Facts&) = delete;

  [[nodiscard]] const History& history() const { return history_; }
  [[nodiscard]] bool committed(OperationId id) const { return committed_[id.value]; }

  [[nodiscard]] std::optional<OperationId> writer(MessageId id) const;
  // Who polled it: the first ok operation if there is one, else the first of any outcome.
  [[nodiscard]] std::optional<OperationId> reader(MessageId id) const;
  [[nodiscard]] bool polled_ok(MessageId id) const {
    return (flags_[id.value] & was_polled_ok) != 0;
  }
  // By an ok operation, or one of which nobody knows whether its polls were taken back.
  [[nodiscard]] bool may_be_polled(MessageId id) const {
    return (flags_[id.value] & (was_polled_ok | was_polled_info)) != 0;
  }
  [[nodiscard]] bool ambiguous(MessageId id) const {
    return (flags_[id.value] & is_ambiguous) != 0;
  }
  // At more than one offset of its key's log.
  [[nodiscard]] bool scattered(MessageId id) const {
    return (flags_[id.value] & is_scattered) != 0;
  }

  // By offset, then message.
  [[nodiscard]] std::span<const LogEntry> log(KeyId key) const;
  // The entries with begin <= offset < end.
  [[nodiscard]] std::span<const LogEntry> between(KeyId key, std::int64_t begin,
                                                  std::int64_t end) const;
  // Whether the place of a log's entry is certain: its message lies nowhere else, is no twin of
  // another, and does not share its offset.
  [[nodiscard]] bool certain(std::span<const LogEntry> log, std::size_t i) const;
  // The only offset at which a message is known to be, if there is exactly one.
  [[nodiscard]] std::optional<std::int64_t> only_offset(MessageId id) const;
  // The lowest and highest offset at which it is known to be.
  [[nodiscard]] std::optional<std::int64_t> first_offset(MessageId id) const;
  [[nodiscard]] std::optional<std::int64_t> last_offset(MessageId id) const;
  // The highest place of a key that ok polls must have passed: that of a message which one of them
  // returned, where it first lay. Whatever lies below should have been polled too.
  [[nodiscard]] std::optional<LogEntry> polled_up_to(KeyId key) const;
  // Where a record lay: the offset that a poll came with, or that a committed send was told; else
  // the message's only offset.
  [[nodiscard]] std::optional<std::int64_t> offset_of(OperationId operation,
                                                      const Record& record) const;
  // Calls visit(operation, message, offset) for every offset that somebody polled a message at, or
  // committed it to, as often as that happened.
  template <class Visit>
  void each_known_offset(Visit visit) const {
    history_.each_operation([&](OperationId id, const Operation&) {
      history_.each_record(id, [&](const Record& record) {
        if (record.offset == no_offset) return;
        if (record.kind == Record::Kind::poll ||
            (record.kind == Record::Kind::send && committed(id))) {
          visit(id, record.message(), record.offset);
        }
      });
    });
  }

  [[nodiscard]] std::uint64_t ambiguous_messages() const { return ambiguous_; }
  [[nodiscard]] std::uint64_t unsent_messages() const { return unsent_; }  // polled, never sent
  // By an ok operation: what was taken back proves nothing.
  [[nodiscard]] std::uint64_t polled_messages() const { return polled_; }

 private:
  enum : std::uint8_t {
    was_polled_ok = 1,
    is_ambiguous = 2,
    is_scattered = 4,
    was_polled_info = 8
  };
  static constexpr std::uint32_t nobody = 0xffff'ffff;

  void find_writers_and_readers();
  void find_committed();
  void find_offsets();
  void build_logs();
  void count_undecided();

  const History& history_;
  std::vector<bool> committed_;         // by operation
  std::vector<std::uint32_t> writers_;  // by message
  std::vector<std::uint32_t> readers_;
  std::vector<std::uint8_t> flags_;
  std::vector<std::int64_t> offsets_;  // the first that became known, or none
  struct Elsewhere {
    MessageId message;
    std::int64_t offset;
    friend auto operator<=>(const Elsewhere&, const Elsewhere&) = default;
  };
  std::vector<Elsewhere> elsewhere_;  // further offsets of scattered messages
  std::vector<LogEntry> entries_;
  std::vector<std::size_t> log_begin_;  // by key, and one more
  std::uint64_t ambiguous_ = 0, unsent_ = 0, polled_ = 0;
};

// Who saw each of these messages at its offset, found in one pass over the history.
class Witnesses {
 public:
  struct Place {
    MessageId message;
    std::int64_t offset = 0;
    OperationId operation;  // the first one
    bool found = false;
  };
  // The offsets must be known.
  Witnesses(const Facts& facts, std::vector<Place> places);
  [[nodiscard]] OperationId at(MessageId message, std::int64_t offset) const;

 private:
  [[nodiscard]] std::size_t position(MessageId message, std::int64_t offset) const;
  std::vector<Place> places_;  // by message, then offset
};

}  // namespace seatrial::operations
