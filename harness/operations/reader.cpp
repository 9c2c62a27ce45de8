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
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/check.hpp"
#include "core/suggest.hpp"
#include "operations/cursor.hpp"
#include "operations/input.hpp"
#include "operations/pieces.hpp"

namespace seatrial::operations {
namespace {

// Those that are read; any other is the writer's own, and left alone.
enum class Member : std::size_t { index, time, process, type, f, value, rebalance_log, seek };
constexpr std::array<std::string_view, 8> member_names{
    "index", "time", "process", "type", "f", "value", "rebalance-log", "seek-to-beginning?"};

std::string_view name_of(Member member) { return member_names[static_cast<std::size_t>(member)]; }

struct Members {
  std::array<std::size_t, member_names.size()> at{};  // where each one's value starts; 0: nowhere
  // Where names stand that are near to those of `nearly`, and are none.
  std::array<std::size_t, member_names.size()> misspelt{};
  std::size_t operator[](Member member) const { return at[static_cast<std::size_t>(member)]; }
};

// So that the time between any two is an integer of 64 bits as well.
constexpr std::int64_t max_time_ns = (std::int64_t{1} << 62) - 1;

constexpr std::array<std::string_view, 4> types{"invoke", "ok", "fail", "info"};
constexpr std::string_view topic_note = "debug-topic-partitions";  // Jepsen's own

std::string suggestion(std::string_view wrong, std::span<const std::string_view> names) {
  return did_you_mean(wrong, std::vector<std::string>(names.begin(), names.end()));
}

// Whether a text ends within an object, a list or a string.
bool is_unfinished(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted && c == '\\') ++at;
    else if (c == '"') quoted = !quoted;
    else if (!quoted && (c == '{' || c == '[')) ++depth;
    else if (!quoted && (c == '}' || c == ']')) --depth;
  }
  return quoted || depth > 0;
}

// What a text is that is no operation, if that can be said; else nothing.
std::string advice(std::string_view text, const SyntaxError& syntax, bool is_array) {
  const auto holds = [&](std::string_view word) { return text.find(word) != text.npos; };
  const std::size_t first = std::min(text.find_first_not_of(" \t\r"), text.size());
  const std::string_view start = text.substr(first);
  if (start.starts_with("{:") || start.starts_with("[{:") || start.starts_with("#jepsen") ||
      start.starts_with("({:")) {
    return "this is EDN, as Jepsen stores histories; JSON is read: write each operation with "
           "jepsen's or cheshire's JSON encoder, one a line";
  }
  if (!holds("\"type\"") && holds("\"topic\"") && holds("\"offset\"") && holds("\"payload\"")) {
    return "this is a message as kcat -J prints it: it says what lies in a log, not who sent it, "
           "who polled it, or what became of the send; record the clients' operations instead";
  }
  if (start.starts_with("\x1F\x8B")) return "this is compressed twice: unpack it once";
  if (!is_array && syntax.at >= text.size() && is_unfinished(text)) {
    return "an operation must stand on one line, or all in one array: jq -c . FILE writes them so";
  }
  return {};
}

class Reader {
 public:
  explicit Reader(const std::string& name) { history_.name = name; }

  Result<History> run(std::istream& in) {
    Input input(in);
    Pieces pieces(input);
    Piece piece;
    while (pieces.next(piece)) {
      check(piece.number < 0xffff'ffff, "fewer than 2^32 lines");
      line_ = static_cast<std::uint32_t>(piece.number);
      history_.is_array = pieces.is_array();
      Cursor cursor(piece.text);
      const bool empty = cursor.peek() == '\0' && cursor.at() == piece.text.size();
      if (empty && !pieces.is_array()) continue;
      read_line(cursor);
      if (cursor.failed()) return error(piece, cursor.error());
    }
    if (pieces.error()) {
      return Error{history_.name + ":" + (input.error() ? " " : "") + pieces.error()->message,
                   pieces.error()->hint};
    }
    if (auto misspelt = skipped_client()) return *misspelt;
    for (auto& open : open_) {
      if (open.line == 0) continue;
      open.operation.outcome = Outcome::info;
      open.operation.begin_at(open.line);
      history_.add(open.operation, open.sends);
    }
    for (auto& [who, skipped] : skipped_) history_.skipped.push_back(std::move(skipped));
    std::ranges::stable_sort(history_.skipped, {}, &Skipped::first_line);
    history_.messages.no_more();
    return std::move(history_);
  }

 private:
  // What a process does, and the invocation that it waits for.
  struct Process {
    std::uint32_t line = 0;  // of the open invocation; 0: none
    std::uint32_t first_line = 0, completed_line = 0;
    bool ever = false;       // this process writes its invocations
    bool has_value = false;  // the open invocation says what it would do
    Operation operation;
    std::vector<Record> sends;  // and what assign and subscribe name
  };
  struct Slip {
    std::string function;
    std::uint32_t line = 0;
  };
  // The last line that says where in the order it stands.
  struct Last {
    std::optional<std::int64_t> value;
    std::uint32_t line = 0;
  };

  [[nodiscard]] Error error(const Piece& piece, const SyntaxError& syntax) const {
    Error out{history_.name + ":" + place_in(piece, syntax.at) + ": " + syntax.message,
              syntax.hint.empty() ? advice(piece.text, syntax, history_.is_array) : syntax.hint};
    if (piece.last_open && is_unfinished(piece.text)) {
      out.message += history_.is_array ? "; the file ends within this operation"
                                       : "; the file ends within this line, without a newline";
      out.hint = "it was cut off: write it whole, or remove its last line to judge the rest";
    }
    return out;
  }

  [[nodiscard]] std::string line_text(std::uint32_t line) const {
    return (history_.is_array ? "operation " : "line ") + std::to_string(line);
  }

  // A process that does what clients do, and once what none does, has misspelt it.
  [[nodiscard]] std::optional<Error> skipped_client() {
    for (const auto& [process, slip] : first_skipped_) {
      const auto id = history_.processes.find(process);
      if (!id || *id >= open_.size() || open_[*id].first_line == 0) continue;
      return Error{history_.name + ": process " + process + " does '" + slip.function + "' in " +
                       line_text(slip.line) + ", which is none of a client's functions" +
                       did_you_mean(slip.function, function_names()) + ", and is a client in " +
                       line_text(open_[*id].first_line),
                   "send, poll, txn, assign, subscribe and crash are read; what else happened "
                   "(faults and the like) belongs to a process of its own name"};
    }
    return std::nullopt;
  }

  // The member that a name is nearest to, if it is none and yet so near that it may be meant.
  std::optional<std::size_t> nearly(std::string_view name) {
    const auto known = nearly_.find(name);
    if (known != nearly_.end()) return known->second;
    const std::vector<std::string> names(member_names.begin(), member_names.end());
    std::optional<std::size_t> out;
    if (const auto found = nearest(name, names)) {
      out = static_cast<std::size_t>(std::ranges::find(names, *found) - names.begin());
    }
    constexpr std::size_t most = 1000;  // names remembered
    if (nearly_.size() < most) nearly_.emplace(name, out);
    return out;
  }

  // Which members there are; the values are skipped, and checked as JSON on the way.
  Members members(Cursor& cursor) {
    Members out;
    cursor.expect('{', "an operation, as a JSON object that starts with '{'");
    for (bool first = true; cursor.element('}', first); first = false) {
      cursor.peek();
      const std::size_t name_at = cursor.at();
      const std::string_view name = unquoted(cursor.member());
      const auto known = std::ranges::find(member_names, name);
      const auto i = static_cast<std::size_t>(known - member_names.begin());
      cursor.peek();
      if (known != member_names.end()) {
        if (out.at[i] != 0) cursor.fail_at(name_at, "this member is given twice");
        out.at[i] = cursor.at();
      } else if (const auto near = nearly(name)) {
        out.misspelt[*near] = name_at;
      }
      cursor.skip();
    }
    if (!cursor.failed() && cursor.peek() != '\0') cursor.expected("the end of the line");
    return out;
  }

  // What a client left out, and seems to have given by another name, would count as not given.
  static void refuse_misspelt(Cursor& line, const Members& at) {
    for (std::size_t i = 0; i < member_names.size(); ++i) {
      if (at.at[i] != 0 || at.misspelt[i] == 0) continue;
      Cursor name(line.text(), at.misspelt[i]);
      line.fail_at(at.misspelt[i], "this operation has no '" + std::string(member_names[i]) +
                                       "', and '" + std::string(unquoted(name.member())) +
                                       "', which is not read: one is a slip for the other");
    }
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

  // Reads a part of the line; any mistake of it is one of the line.
  template <class Read>
  static bool part(Cursor& line, std::size_t from, Read read) {
    Cursor sub(line.text(), from);
    read(sub);
    if (sub.failed()) line.fail_at(sub.error().at, sub.error().message, sub.error().hint);
    return !line.failed();
  }

  static void require(Cursor& line, const Members& at) {
    for (const Member member : {Member::process, Member::type, Member::f}) {
      if (at[member] != 0) continue;
      refuse_misspelt(line, at);
      line.fail_at(0, "this operation has no '" + std::string(name_of(member)) + "'");
    }
  }

  // The function that a line names; nothing if it is nobody's operation (and then counted), or
  // after a mistake.
  std::optional<Function> read_function(Cursor& line, std::size_t from, const Scalar& who) {
    std::optional<Function> out;
    part(line, from, [&](Cursor& f) {
      constexpr std::string_view what = "a function (send, poll, txn, assign, subscribe or crash)";
      const std::string given(f.string(what));
      if (f.failed()) return;
      const auto found = std::ranges::find(function_names(), unquoted(given));
      if (found != function_names().end()) {
        out = static_cast<Function>(found - function_names().begin());
      } else if (unquoted(given) == topic_note || who.is_string()) {
        // A note of Jepsen's own; or who has a name, and does what no client does: its nemesis, or
        // the like.
        skip(who, given);
      } else {
        f.fail_at(from, "expected " + std::string(what) + ", found '" +
                            std::string(unquoted(given)) + "'" +
                            did_you_mean(unquoted(given), function_names()));
      }
    });
    return out;
  }

  void skip(const Scalar& who, const std::string& function) {
    constexpr std::size_t most = 1000;  // kinds; beyond, they are counted with the first
    const std::string process =
        who.is_integer ? std::to_string(who.integer) : std::string(who.token);
    if (const std::string name(unquoted(function)); name != topic_note) {
      first_skipped_.try_emplace(process, Slip{name, line_});
    }
    const std::pair key(process, function);
    auto at = skipped_.find(key);
    if (at == skipped_.end() && skipped_.size() >= most) at = skipped_.begin();
    if (at == skipped_.end())
      at = skipped_.emplace(key, Skipped{function, process, 0, line_}).first;
    ++at->second.lines;
  }

  // Lines stand in the order of what happened: by index and by time, as far as they tell them.
  void read_order(Cursor& line, const Members& at, Operation& operation) {
    operation.index = operation.time_ns = line_;
    if (last_time_.value) operation.time_ns = *last_time_.value;
    if (at[Member::index] != 0) {
      part(line, at[Member::index], [&](Cursor& number) {
        operation.index = number.integer("an index, as an integer");
        if (number.failed() || !last_index_.value || operation.index > *last_index_.value) return;
        const bool same = operation.index == *last_index_.value;
        number.fail_at(at[Member::index],
                       "index " + std::to_string(operation.index) +
                           (same ? " is also that of " : " comes after that of ") +
                           line_text(last_index_.line) +
                           (same ? "" : ", which is " + std::to_string(*last_index_.value)),
                       "operations must stand in the order of their index, each with its own: "
                       "jq -cs 'sort_by(.index)[]' FILE puts lines in order");
      });
      last_index_ = {operation.index, line_};
    }
    if (at[Member::time] == 0) return;
    part(line, at[Member::time], [&](Cursor& number) {
      operation.time_ns = number.integer("a time in nanoseconds, as an integer");
      if (operation.time_ns > max_time_ns || operation.time_ns < -max_time_ns) {
        number.fail_at(at[Member::time], "this time is 2^62 ns (146 years) or more from 0");
      }
      if (number.failed() || !last_time_.value || operation.time_ns >= *last_time_.value) return;
      number.fail_at(at[Member::time],
                     "time " + std::to_string(operation.time_ns) + " goes back behind that of " +
                         line_text(last_time_.line) + ", which is " +
                         std::to_string(*last_time_.value),
                     "operations must stand in the order in which they happened: "
                     "jq -cs 'sort_by(.time)[]' FILE puts lines in order; leave 'time' out where "
                     "clocks disagree and the order is right");
    });
    last_time_ = {operation.time_ns, line_};
  }

  void read_line(Cursor& line) {
    const Members at = members(line);
    if (!line.failed()) require(line, at);
    Operation operation{.line = line_};
    if (!line.failed()) read_order(line, at, operation);
    if (line.failed()) return;
    Cursor process(line.text(), at[Member::process]);
    const Scalar who = process.scalar("a process, as an integer or a string");
    if (!process.failed() && !who.is_integer && !who.is_string()) {
      process.fail_at(at[Member::process], "expected a process, as an integer or a string, found " +
                                      std::string(who.token));
    }
    if (process.failed()) return line.fail_at(process.error().at, process.error().message);
    std::size_t kind = 0;
    if (!part(line, at[Member::type], [&](Cursor& type) {
          kind = word(type, "a type (invoke, ok, fail or info)", types);
        })) {
      return;
    }
    // `who` is a view into the line, or into `process`, which has read nothing since.
    const auto function = read_function(line, at[Member::f], who);
    if (!function) return;
    operation.function = *function;
    operation.process = ProcessId{history_.processes.intern(who)};
    operation.invoked_ns = operation.time_ns;
    if (read_contents(line, at, operation, kind == 0)) {
      settle(line, at[Member::type], operation, kind);
    }
  }

  bool read_contents(Cursor& line, const Members& at, Operation& operation, bool invoked) {
    records_.clear();
    answered_ = false;
    refuse_misspelt(line, at);
    if (line.failed()) return false;
    if (at[Member::value] != 0 && operation.function != Function::crash) {
      if (!part(line, at[Member::value],
                [&](Cursor& value) { read_value(value, operation.function, invoked); })) {
        return false;
      }
    }
    if (at[Member::seek] != 0) {
      constexpr std::array<std::string_view, 3> words{"false", "true", "null"};
      part(line, at[Member::seek], [&](Cursor& seek) {
        const Scalar given = seek.scalar("true or false");
        const auto found = std::ranges::find(words, given.is_integer ? "" : given.token);
        if (!seek.failed() && found == words.end()) {
          seek.fail_at(at[Member::seek], "expected true or false, found " +
                                    (given.is_integer ? std::to_string(given.integer)
                                                      : std::string(given.token)));
        }
        operation.seeks_to_beginning = found == words.begin() + 1;
      });
    }
    if (at[Member::rebalance_log] == 0) return !line.failed();
    return part(line, at[Member::rebalance_log],
                [&](Cursor& log) { read_rebalances(log, operation); });
  }

  void settle(Cursor& line, std::size_t type_at, Operation& operation, std::size_t kind) {
    Process& process = process_of(operation.process);
    if (process.first_line == 0) process.first_line = line_;
    if (kind == 0) return invoke(line, type_at, process, operation);
    operation.outcome = kind == 1 ? Outcome::ok : kind == 2 ? Outcome::fail : Outcome::info;
    complete(line, type_at, process, operation);
  }

  void read_value(Cursor& value, Function function, bool invoked) {
    if (value.peek() == 'n') return static_cast<void>(value.skip());  // null
    answered_ = true;
    const bool names_keys = function == Function::assign || function == Function::subscribe;
    value.expect('[', names_keys ? "a list of keys" : "a list of micro-operations");
    for (bool first = true; value.element(']', first); first = false) {
      if (names_keys) {
        const Scalar key = value.scalar("a key, as a JSON scalar");
        if (!value.failed()) add(Record::Kind::assigned, history_.keys.intern(key));
      } else {
        read_micro_operation(value, function, invoked);
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
      const char next = value.peek();
      // What an invocation polls is not known yet, whatever the object holds.
      if (next == 'n' || (invoked && next == '{')) value.skip();
      else read_polled(value);
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
    ++polled_objects_;
    for (bool first = true; value.element('}', first); first = false) {
      value.peek();
      const std::size_t name_at = value.at();
      const std::string_view name = value.member();
      if (value.failed()) return;
      const KeyId key{history_.keys.intern_member(name)};
      if (seen_in_.size() <= key.value) seen_in_.resize(key.value + 1);
      if (seen_in_[key.value] == polled_objects_) {
        return value.fail_at(name_at,
                             "this key is given twice; what was polled of a key is one list");
      }
      seen_in_[key.value] = polled_objects_;
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
      std::size_t misspelt = 0;  // where what may be meant to be `keys` stands
      log.expect('{', "a rebalance, as {\"keys\": [...]}");
      for (bool one = true; log.element('}', one); one = false) {
        log.peek();
        const std::size_t member_at = log.at();
        const std::string name(unquoted(log.member()));
        if (name != "keys") {
          misspelt = nearest(name, std::array{std::string("keys")}) ? member_at : misspelt;
          log.skip();
          continue;
        }
        if (named) return log.fail_at(member_at, "this member is given twice");
        named = true;
        log.expect('[', "a list of keys");
        for (bool key = true; log.element(']', key); key = false) {
          const Scalar scalar = log.scalar("a key, as a JSON scalar");
          if (!log.failed()) add(Record::Kind::rebalanced, history_.keys.intern(scalar));
        }
      }
      if (!named && misspelt != 0) {
        return log.fail_at(misspelt, "this rebalance has no 'keys', and a name that is near to it");
      }
      if (!named) operation.rebalanced_all = true;
    }
  }

  [[nodiscard]] Process& process_of(ProcessId id) {
    if (open_.size() <= id.value) open_.resize(id.value + 1);
    return open_[id.value];
  }

  void invoke(Cursor& line, std::size_t type_at, Process& process, const Operation& operation) {
    if (process.line != 0) {
      return line.fail_at(type_at, "process " + history_.processes.json(operation.process.value) +
                                       " invokes again, before the " +
                                       std::string(to_string(process.operation.function)) + " of " +
                                       line_text(process.line) + " completed");
    }
    process.line = line_;
    process.ever = true;
    process.has_value = answered_;
    process.operation = operation;
    process.sends = records_;
  }

  void complete(Cursor& line, std::size_t type_at, Process& process, Operation& operation) {
    const std::string who = "process " + history_.processes.json(operation.process.value);
    const bool said_by_invocation = process.line != 0 && process.has_value;
    if (process.line == 0 && process.ever) {
      return line.fail_at(type_at, "this completes nothing: " + who +
                                       " has no open invocation, although it had some before");
    }
    if (process.line != 0) {
      const Operation& invoked = process.operation;
      if (invoked.function != operation.function) {
        return line.fail_at(
            type_at, "this completes a " + std::string(to_string(operation.function)) + ", but " +
                         who + " invoked a " + std::string(to_string(invoked.function)) + " in " +
                         line_text(process.line));
      }
      operation.invoked_ns = invoked.time_ns;
      operation.begin_at(process.line);
      operation.seeks_to_beginning = operation.seeks_to_beginning || invoked.seeks_to_beginning;
      add_unanswered(process.sends);
      process.line = 0;
    } else if (process.completed_line != 0) {
      operation.begin_at(process.completed_line + 1);
    }
    refuse_unanswered(line, type_at, operation, said_by_invocation);
    process.completed_line = line_;
    history_.add(operation, records_);
  }

  // What was sent or assigned may be said by the invocation alone; what was polled cannot.
  void refuse_unanswered(Cursor& line, std::size_t type_at, const Operation& operation,
                         bool said_by_invocation) {
    if (operation.outcome != Outcome::ok || operation.function == Function::crash) return;
    const bool polls = operation.function == Function::poll || operation.function == Function::txn;
    if (answered_ || (!polls && said_by_invocation)) return;
    line.fail_at(type_at,
                 "this " + std::string(to_string(operation.function)) +
                     " is ok and has no 'value': what it did is not known",
                 "write what it " + std::string(polls ? "returned" : "did") +
                     ", also where that is nothing, as an empty list: \"value\": []; or the type "
                     "info, where that is not known");
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
  std::uint32_t line_ = 0;  // the number of the line or element
  Last last_index_, last_time_;
  bool answered_ = false;  // the line has a list of results
  std::map<std::string, std::optional<std::size_t>, std::less<>> nearly_;  // by unknown member
  std::vector<Record> records_;
  std::uint64_t polled_objects_ = 0;
  std::vector<std::uint64_t> seen_in_;  // by key: the last of them that names it
  std::vector<Process> open_;           // by process
  std::map<std::pair<std::string, std::string>, Skipped> skipped_;  // by process and function
  std::map<std::string, Slip> first_skipped_;  // by process: the first that no client does
};

}  // namespace

Result<History> read_history(std::istream& in, const std::string& name) {
  return Reader(name).run(in);
}

Result<History> read_history(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return Error{"cannot read " + path.string() + ": " + std::strerror(errno),
                 "name a history of operations as JSON: one object a line, or an array"};
  }
  return read_history(in, path.string());
}

}  // namespace seatrial::operations
