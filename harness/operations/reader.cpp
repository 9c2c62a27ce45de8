// Two steps for each line: its members are found and checked as JSON, wherever they stand; then the
// value is read as its function demands. An operation enters the history when it completes; those
// that nothing completed enter at the end as `info`, since what they did is not known.
#include "operations/reader.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <istream>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/check.hpp"
#include "core/suggest.hpp"
#include "operations/cursor.hpp"

namespace seatrial::operations {
namespace {

constexpr std::size_t chunk = 1 << 20;
constexpr std::size_t max_line = std::size_t{256} << 20;

// Lines without their ends; the last one may lack its own.
class Lines {
 public:
  explicit Lines(std::istream& in) : in_(in) {}
  [[nodiscard]] bool next(std::string_view& line) {
    while (true) {
      const std::size_t found = buffer_.find('\n', searched_);
      if (found != buffer_.npos) {
        line = std::string_view(buffer_).substr(begin_, found - begin_);
        begin_ = searched_ = found + 1;
        return true;
      }
      searched_ = buffer_.size();
      if (buffer_.size() - begin_ > max_line) {
        too_long_ = true;
        return false;
      }
      if (!fill()) break;
    }
    if (begin_ == buffer_.size()) return false;
    line = std::string_view(buffer_).substr(begin_);
    begin_ = buffer_.size();
    cut_ = true;
    return true;
  }
  [[nodiscard]] bool cut() const { return cut_; }  // the last line has no end
  [[nodiscard]] bool too_long() const { return too_long_; }

 private:
  bool fill() {
    if (!in_) return false;
    buffer_.erase(0, begin_);
    searched_ -= begin_;
    begin_ = 0;
    const std::size_t held = buffer_.size();
    // A long line doubles what is read, or its length would be searched and copied again and again.
    buffer_.resize(held + std::max(chunk, held));
    in_.read(buffer_.data() + held, static_cast<std::streamsize>(buffer_.size() - held));
    const auto got = static_cast<std::size_t>(in_.gcount());
    buffer_.resize(held + got);
    return got > 0;
  }

  std::istream& in_;
  std::string buffer_;
  std::size_t begin_ = 0, searched_ = 0;
  bool cut_ = false, too_long_ = false;
};

// Where a member's value starts in the line; 0 is nowhere, as the brace is there.
struct Members {
  std::size_t index = 0, time = 0, process = 0, type = 0, f = 0, value = 0, rebalance_log = 0,
              seek = 0;
};

constexpr std::array<std::string_view, 4> types{"invoke", "ok", "fail", "info"};
constexpr std::array<std::string_view, 6> functions{"send",   "poll",      "txn",
                                                    "assign", "subscribe", "crash"};

std::string suggestion(std::string_view wrong, std::span<const std::string_view> names) {
  return did_you_mean(wrong, std::vector<std::string>(names.begin(), names.end()));
}

class Reader {
 public:
  explicit Reader(const std::string& name) { history_.name = name; }

  Result<History> run(std::istream& in) {
    Lines lines(in);
    std::string_view line;
    while (lines.next(line)) {
      ++line_;
      check(line_ != 0, "fewer than 2^32 lines");
      Cursor cursor(line);
      if (line_ == 1 && line.starts_with("\xEF\xBB\xBF")) cursor = Cursor(line, 3);
      if (cursor.peek() == '\0' && cursor.at() == line.size()) continue;  // an empty line
      read_line(cursor);
      if (cursor.failed()) return error(cursor.error(), lines.cut());
    }
    if (lines.too_long()) {
      return Error{history_.name + ":" + std::to_string(line_ + 1) +
                       ":1: this line is longer than " + std::to_string(max_line >> 20) + " MiB",
                   "one operation a line is expected, as JSON"};
    }
    if (in.bad()) return Error{"reading " + history_.name + " failed", std::strerror(errno)};
    for (auto& open : open_) {
      if (open.line == 0) continue;
      open.operation.outcome = Outcome::info;
      history_.add(open.operation, open.sends);
    }
    return std::move(history_);
  }

 private:
  // The invocation that a process waits for.
  struct Open {
    std::uint32_t line = 0;  // 0: none
    bool ever = false;       // this process writes its invocations
    Operation operation;
    std::vector<Record> sends;  // and what assign and subscribe name
  };

  [[nodiscard]] Error error(const SyntaxError& syntax, bool cut) const {
    Error out{history_.name + ":" + std::to_string(line_) + ":" + std::to_string(syntax.at + 1) +
                  ": " + syntax.message,
              {}};
    if (cut) {
      out.message += "; the file ends within this line, without a newline";
      out.hint = "it was cut off: write it whole, or remove its last line to judge the rest";
    }
    return out;
  }

  // Which members there are; the values are skipped, and checked as JSON on the way.
  static Members members(Cursor& cursor) {
    Members out;
    cursor.expect('{', "an operation, as a JSON object that starts with '{'");
    for (bool first = true; cursor.element('}', first); first = false) {
      cursor.peek();
      const std::size_t name_at = cursor.at();
      const std::string_view name = unquoted(cursor.member());
      std::size_t* known = name == "index"                ? &out.index
                           : name == "time"               ? &out.time
                           : name == "process"            ? &out.process
                           : name == "type"               ? &out.type
                           : name == "f"                  ? &out.f
                           : name == "value"              ? &out.value
                           : name == "rebalance-log"      ? &out.rebalance_log
                           : name == "seek-to-beginning?" ? &out.seek
                                                          : nullptr;
      cursor.peek();
      if (known != nullptr) {
        if (*known != 0) cursor.fail_at(name_at, "this member is given twice");
        *known = cursor.at();
      }
      cursor.skip();
    }
    if (!cursor.failed() && cursor.peek() != '\0') cursor.expected("the end of the line");
    return out;
  }

  // One of `names` as its position; names.size() and a mistake if it is none of them.
  static std::size_t word(Cursor& cursor, std::string_view what,
                          std::span<const std::string_view> names) {
    cursor.peek();
    const std::size_t at = cursor.at();
    const std::string given(unquoted(cursor.string(what)));
    const auto found = std::ranges::find(names, given);
    if (!cursor.failed() && found == names.end()) {
      cursor.fail_at(at, "expected " + std::string(what) + ", found '" + given + "'" +
                             suggestion(given, names));
    }
    return static_cast<std::size_t>(found - names.begin());
  }

  void read_line(Cursor& line) {
    const Members at = members(line);
    const auto sub = [&](std::size_t from) { return Cursor(line.text(), from); };
    // Any mistake of a part is one of the line.
    const auto done = [&](const Cursor& part) {
      if (part.failed()) line.fail_at(part.error().at, part.error().message);
      return !line.failed();
    };
    if (line.failed()) return;
    for (const auto& [where, name] :
         {std::pair{at.process, "process"}, {at.type, "type"}, {at.f, "f"}}) {
      if (where == 0) line.fail_at(0, std::string("this operation has no '") + name + "'");
    }
    if (line.failed()) return;
    Cursor process = sub(at.process);
    const Scalar who = process.scalar("a process, as a number or a word");
    if (!done(process)) return;
    Cursor type = sub(at.type);
    const std::size_t kind = word(type, "a type (invoke, ok, fail or info)", types);
    if (!done(type)) return;
    Cursor f = sub(at.f);
    const std::string_view does = unquoted(sub(at.f).skip());
    if (does == "debug-topic-partitions") return;  // a note of Jepsen's own
    // Who has no number, and does what no client does, is Jepsen's nemesis or the like.
    if (!who.is_integer && std::ranges::find(functions, does) == functions.end()) return;
    const std::size_t function =
        word(f, "a function (send, poll, txn, assign, subscribe or crash)", functions);
    if (!done(f)) return;
    // `who` is a view into the line, or into `process`, which has read nothing since.
    const ProcessId id{history_.processes.intern(who)};
    Operation operation{.line = line_, .process = id, .function = static_cast<Function>(function)};
    operation.index = operation.time_ns = line_;
    for (const auto& [where, to] :
         {std::pair{at.index, &operation.index}, {at.time, &operation.time_ns}}) {
      if (where == 0) continue;
      Cursor number = sub(where);
      *to = number.integer(to == &operation.index ? "an index, as an integer"
                                                  : "a time in nanoseconds, as an integer");
      if (!done(number)) return;
    }
    operation.invoked_ns = operation.time_ns;
    records_.clear();
    answered_ = false;
    const bool invoked = kind == 0;
    if (at.value != 0 && operation.function != Function::crash) {
      Cursor value = sub(at.value);
      read_value(value, operation, invoked);
      if (!done(value)) return;
    }
    if (at.seek != 0) operation.seeks_to_beginning = line.text().substr(at.seek, 4) == "true";
    if (at.rebalance_log != 0) {
      Cursor log = sub(at.rebalance_log);
      read_rebalances(log, operation);
      if (!done(log)) return;
    }
    cursor_at_ = at.type;
    if (invoked) invoke(line, operation);
    else complete(line, operation, static_cast<int>(kind));
  }

  void read_value(Cursor& value, const Operation& operation, bool invoked) {
    if (value.peek() == 'n') return static_cast<void>(value.skip());  // null
    answered_ = true;
    const bool names_keys =
        operation.function == Function::assign || operation.function == Function::subscribe;
    value.expect('[', names_keys ? "a list of keys" : "a list of micro-operations");
    for (bool first = true; value.element(']', first); first = false) {
      if (names_keys) {
        const Scalar key = value.scalar("a key, as a JSON scalar");
        if (!value.failed()) add(Record::Kind::assigned, history_.keys.intern(key));
      } else {
        read_micro_operation(value, operation.function, invoked);
      }
    }
  }

  void add(Record::Kind kind, std::uint32_t id, std::int64_t offset = no_offset) {
    records_.push_back({.kind = kind, .id = id, .offset = offset});
  }

  void read_micro_operation(Cursor& value, Function function, bool invoked) {
    constexpr std::array<std::string_view, 2> names{"send", "poll"};
    value.expect('[', "a micro-operation, as [\"send\", key, value] or [\"poll\"]");
    if (value.failed()) return;
    value.peek();
    const std::size_t at = value.at();
    const std::size_t kind = word(value, "\"send\" or \"poll\"", names);
    if (value.failed()) return;
    if ((kind == 0 && function == Function::poll) || (kind == 1 && function == Function::send)) {
      return value.fail_at(at, "a " + std::string(to_string(function)) + " holds no " +
                                   std::string(names[kind]) + "; only txn mixes them");
    }
    if (kind == 0) {
      read_send(value, invoked);
    } else if (value.accept(',')) {
      if (invoked) {
        // What an invocation polls is not known yet, whatever stands here.
        value.skip();
      } else if (value.peek() == 'n') {
        value.skip();
      } else {
        read_polled(value);
      }
    }
    value.expect(']', "']' after the micro-operation");
  }

  void read_send(Cursor& value, bool invoked) {
    value.expect(',', "',' and the key");
    const Scalar key = value.scalar("a key, as a JSON scalar");
    if (value.failed()) return;
    const KeyId id{history_.keys.intern(key)};
    value.expect(',', "',' and the value");
    if (invoked && value.peek() == '[') {
      value.expected("the value to send, as a JSON scalar (an offset comes with its completion)");
    }
    if (value.failed()) return;
    if (value.peek() != '[') {
      const Scalar message = value.scalar("a value, as a JSON scalar, or [offset, value]");
      if (!value.failed()) add(Record::Kind::send, history_.messages.intern(id, message).value);
      return;
    }
    read_pair(value, id, Record::Kind::send);
  }

  // [offset, value], the offset null if it is not known.
  void read_pair(Cursor& value, KeyId key, Record::Kind kind) {
    value.expect('[', "a pair, as [offset, value]");
    std::int64_t offset = no_offset;
    if (value.peek() == 'n') {
      value.skip();
    } else {
      const std::size_t at = value.at();
      offset = value.integer("an offset, as an integer or null");
      if (offset > max_offset) value.fail_at(at, "this offset is 2^61 or more");
      if (offset < 0) offset = no_offset;  // clients say so for none
    }
    value.expect(',', "',' and the value");
    const Scalar message = value.scalar("a value, as a JSON scalar");
    value.expect(']', "']' after [offset, value");
    if (!value.failed()) add(kind, history_.messages.intern(key, message).value, offset);
  }

  void read_polled(Cursor& value) {
    value.expect('{', "an object of keys, as {key: [[offset, value], ...]}");
    for (bool first = true; value.element('}', first); first = false) {
      const std::string_view name = value.member();
      if (value.failed()) return;
      const KeyId key{history_.keys.intern_member(name)};
      value.expect('[', "a list of [offset, value]");
      for (bool one = true; value.element(']', one); one = false) {
        read_pair(value, key, Record::Kind::poll);
      }
    }
  }

  // A list of events, each an object whose `keys` came or went; without `keys` it may be any.
  void read_rebalances(Cursor& log, Operation& operation) {
    if (log.peek() == 'n') return static_cast<void>(log.skip());
    log.expect('[', "a list of rebalances, as [{\"keys\": [...]}]");
    for (bool first = true; log.element(']', first); first = false) {
      bool named = false;
      log.expect('{', "a rebalance, as {\"keys\": [...]}");
      for (bool one = true; log.element('}', one); one = false) {
        if (unquoted(log.member()) != "keys") {
          log.skip();
          continue;
        }
        named = true;
        log.expect('[', "a list of keys");
        for (bool key = true; log.element(']', key); key = false) {
          const Scalar scalar = log.scalar("a key, as a JSON scalar");
          if (!log.failed()) add(Record::Kind::rebalanced, history_.keys.intern(scalar));
        }
      }
      if (!named) operation.rebalanced_all = true;
    }
  }

  [[nodiscard]] Open& open_of(ProcessId process) {
    if (open_.size() <= process.value) open_.resize(process.value + 1);
    return open_[process.value];
  }

  void invoke(Cursor& line, const Operation& operation) {
    Open& open = open_of(operation.process);
    if (open.line != 0) {
      return line.fail_at(cursor_at_, "process " +
                                          history_.processes.json(operation.process.value) +
                                          " invokes again, before the " +
                                          std::string(to_string(open.operation.function)) +
                                          " of line " + std::to_string(open.line) + " completed");
    }
    open = {.line = line_, .ever = true, .operation = operation, .sends = records_};
  }

  void complete(Cursor& line, Operation& operation, int kind) {
    operation.outcome = kind == 1 ? Outcome::ok : kind == 2 ? Outcome::fail : Outcome::info;
    Open& open = open_of(operation.process);
    const std::string who = "process " + history_.processes.json(operation.process.value);
    if (open.line == 0 && open.ever) {
      return line.fail_at(cursor_at_, "this completes nothing: " + who +
                                          " has no open invocation, although it had some before");
    }
    if (open.line != 0) {
      if (open.operation.function != operation.function) {
        return line.fail_at(cursor_at_, "this completes a " +
                                            std::string(to_string(operation.function)) + ", but " +
                                            who + " invoked a " +
                                            std::string(to_string(open.operation.function)) +
                                            " in line " + std::to_string(open.line));
      }
      operation.invoked_ns = open.operation.time_ns;
      operation.seeks_to_beginning |= open.operation.seeks_to_beginning;
      add_unanswered(open.sends);
      open.line = 0;
    }
    history_.add(operation, records_);
  }

  // What was invoked and is not among the results shares the operation's outcome.
  void add_unanswered(const std::vector<Record>& invoked) {
    const bool same = std::ranges::equal(invoked, records_, [](const Record& a, const Record& b) {
      return a.kind == b.kind && a.id == b.id;
    });
    if (same) return;
    std::unordered_map<std::uint32_t, std::size_t> answers;  // by message
    for (const Record& record : records_) {
      if (record.kind == Record::Kind::send) ++answers[record.id];
    }
    for (const Record& record : invoked) {
      if (record.kind == Record::Kind::assigned) {
        if (!answered_) records_.push_back(record);
      } else if (auto& left = answers[record.id]; left > 0) {
        --left;
      } else {
        records_.push_back(record);
      }
    }
  }

  History history_;
  std::uint32_t line_ = 0;
  std::size_t cursor_at_ = 0;  // of the line's type
  bool answered_ = false;      // the line has a list of results
  std::vector<Record> records_;
  std::vector<Open> open_;  // by process
};

}  // namespace

Result<History> read_history(std::istream& in, const std::string& name) {
  return Reader(name).run(in);
}

Result<History> read_history(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return Error{"cannot read " + path.string() + ": " + std::strerror(errno),
                 "name a history of operations, one JSON object a line"};
  }
  return read_history(in, path.string());
}

}  // namespace seatrial::operations
