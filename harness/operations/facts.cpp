// Passes over the history, each needing what the one before found: who wrote and read what; which
// operations are committed; where each message lies; the logs.
#include "operations/facts.hpp"

#include <algorithm>
#include <utility>

#include "core/check.hpp"

namespace seatrial::operations {

Facts::Facts(const History& history)
    : history_(history),
      committed_(history.size()),
      writers_(history.messages.size(), nobody),
      readers_(history.messages.size(), nobody),
      flags_(history.messages.size()),
      offsets_(history.messages.size(), no_offset) {
  find_writers_and_readers();
  find_committed();
  find_offsets();
  build_logs();
  count_undecided();
}

void Facts::find_writers_and_readers() {
  history_.each_operation([&](OperationId id, const Operation& operation) {
    history_.each_record(id, [&](const Record& record) {
      if (record.kind == Record::Kind::send) {
        if (writers_[record.id] != nobody) flags_[record.id] |= is_ambiguous;
        writers_[record.id] = id.value;
      } else if (record.kind == Record::Kind::poll) {
        const bool first_ok =
            operation.outcome == Outcome::ok && (flags_[record.id] & was_polled_ok) == 0;
        if (readers_[record.id] == nobody || first_ok) readers_[record.id] = id.value;
        if (first_ok) flags_[record.id] |= was_polled_ok;
        if (operation.outcome == Outcome::info) flags_[record.id] |= was_polled_info;
      }
    });
  });
}

void Facts::find_committed() {
  history_.each_operation([&](OperationId id, const Operation& operation) {
    bool proved = operation.outcome == Outcome::ok;
    if (operation.outcome == Outcome::info) {
      history_.each_record(id, [&](const Record& record) {
        proved |= record.kind == Record::Kind::send && polled_ok(record.message()) &&
                  !ambiguous(record.message());
      });
    }
    committed_[id.value] = proved;
  });
}

void Facts::find_offsets() {
  each_known_offset([&](OperationId, MessageId message, std::int64_t offset) {
    std::int64_t& first = offsets_[message.value];
    if (first == no_offset) first = offset;
    if (first == offset) return;
    flags_[message.value] |= is_scattered;
    elsewhere_.push_back({message, offset});
  });
  std::ranges::sort(elsewhere_);
  elsewhere_.erase(std::unique(elsewhere_.begin(), elsewhere_.end()), elsewhere_.end());
}

void Facts::build_logs() {
  // Counting sort by key, then each log by offset: nearly sorted already, as histories are.
  log_begin_.assign(history_.keys.size() + 1, 0);
  const auto each_entry = [&](auto visit) {
    for (std::uint32_t id = 0; id < offsets_.size(); ++id) {
      if (offsets_[id] != no_offset) visit(MessageId{id}, offsets_[id]);
    }
    for (const auto& [message, offset] : elsewhere_) visit(message, offset);
  };
  each_entry([&](MessageId message, std::int64_t) {
    ++log_begin_[history_.messages.key(message).value + 1];
  });
  for (std::size_t i = 1; i < log_begin_.size(); ++i) log_begin_[i] += log_begin_[i - 1];
  entries_.resize(log_begin_.back());
  std::vector<std::size_t> next = log_begin_;
  each_entry([&](MessageId message, std::int64_t offset) {
    entries_[next[history_.messages.key(message).value]++] = {offset, message, 0};
  });
  for (std::size_t key = 0; key + 1 < log_begin_.size(); ++key) {
    const std::span log(entries_.data() + log_begin_[key], log_begin_[key + 1] - log_begin_[key]);
    std::ranges::sort(log, [](const LogEntry& a, const LogEntry& b) {
      return a.offset != b.offset ? a.offset < b.offset : a.message < b.message;
    });
    for (std::size_t i = 1; i < log.size(); ++i) {
      log[i].position = log[i - 1].position + (log[i].offset != log[i - 1].offset ? 1 : 0);
    }
  }
}

void Facts::count_undecided() {
  for (std::uint32_t id = 0; id < flags_.size(); ++id) {
    if (ambiguous(MessageId{id})) ++ambiguous_;
    if (polled_ok(MessageId{id})) ++polled_;
    if (readers_[id] != nobody && writers_[id] == nobody) ++unsent_;
  }
}

std::optional<OperationId> Facts::writer(MessageId id) const {
  if (writers_[id.value] == nobody) return std::nullopt;
  return OperationId{writers_[id.value]};
}

std::optional<OperationId> Facts::reader(MessageId id) const {
  if (readers_[id.value] == nobody) return std::nullopt;
  return OperationId{readers_[id.value]};
}

std::span<const LogEntry> Facts::log(KeyId key) const {
  const std::size_t begin = log_begin_[key.value];
  return {entries_.data() + begin, log_begin_[key.value + 1] - begin};
}

std::span<const LogEntry> Facts::between(KeyId key, std::int64_t begin, std::int64_t end) const {
  if (begin >= end) return {};
  const auto all = log(key);
  const auto from = std::ranges::lower_bound(all, begin, {}, &LogEntry::offset);
  const auto to = std::lower_bound(from, all.end(), end,
                                   [](const LogEntry& e, std::int64_t o) { return e.offset < o; });
  return all.subspan(static_cast<std::size_t>(from - all.begin()),
                     static_cast<std::size_t>(to - from));
}

bool Facts::certain(std::span<const LogEntry> log, std::size_t i) const {
  const bool shared = (i > 0 && log[i - 1].offset == log[i].offset) ||
                      (i + 1 < log.size() && log[i + 1].offset == log[i].offset);
  return !shared && !scattered(log[i].message) && !ambiguous(log[i].message);
}

std::optional<std::int64_t> Facts::only_offset(MessageId id) const {
  if (offsets_[id.value] == no_offset || scattered(id)) return std::nullopt;
  return offsets_[id.value];
}

std::optional<std::int64_t> Facts::first_offset(MessageId id) const {
  if (offsets_[id.value] == no_offset) return std::nullopt;
  if (!scattered(id)) return offsets_[id.value];
  const auto others = std::ranges::equal_range(elsewhere_, id, {}, &Elsewhere::message);
  return std::min(offsets_[id.value], others.front().offset);
}

std::optional<std::int64_t> Facts::last_offset(MessageId id) const {
  if (offsets_[id.value] == no_offset) return std::nullopt;
  if (!scattered(id)) return offsets_[id.value];
  const auto others = std::ranges::equal_range(elsewhere_, id, {}, &Elsewhere::message);
  return std::max(offsets_[id.value], others.back().offset);
}

std::optional<LogEntry> Facts::polled_up_to(KeyId key) const {
  const auto all = log(key);
  for (auto entry = all.rbegin(); entry != all.rend(); ++entry) {
    if (polled_ok(entry->message) && first_offset(entry->message) == entry->offset) return *entry;
  }
  return std::nullopt;
}

std::optional<std::int64_t> Facts::offset_of(OperationId operation, const Record& record) const {
  const bool counts = record.kind == Record::Kind::poll || committed(operation);
  if (record.offset != no_offset && counts) return record.offset;
  if (ambiguous(record.message())) return std::nullopt;
  return only_offset(record.message());
}

Witnesses::Witnesses(const Facts& facts, std::vector<Place> places) : places_(std::move(places)) {
  std::ranges::sort(places_, [](const Place& a, const Place& b) {
    return std::pair(a.message, a.offset) < std::pair(b.message, b.offset);
  });
  if (places_.empty()) return;
  std::vector<bool> asked(facts.history().messages.size());
  for (const Place& place : places_) asked[place.message.value] = true;
  facts.each_known_offset([&](OperationId id, MessageId message, std::int64_t offset) {
    if (!asked[message.value]) return;
    const std::size_t i = position(message, offset);
    if (i == places_.size() || places_[i].found) return;
    places_[i].operation = id;
    places_[i].found = true;
  });
}

std::size_t Witnesses::position(MessageId message, std::int64_t offset) const {
  const auto found = std::ranges::lower_bound(
      places_, std::pair(message, offset), {},
      [](const Place& place) { return std::pair(place.message, place.offset); });
  const bool there = found != places_.end() && found->message == message && found->offset == offset;
  return there ? static_cast<std::size_t>(found - places_.begin()) : places_.size();
}

OperationId Witnesses::at(MessageId message, std::int64_t offset) const {
  const std::size_t i = position(message, offset);
  check(i < places_.size() && places_[i].found, "a known offset was seen by somebody");
  return places_[i].operation;
}

}  // namespace seatrial::operations
