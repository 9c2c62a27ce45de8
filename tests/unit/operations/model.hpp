// Histories as the tests make them: plain values, far from the compact form under test, which they
// reach as JSON lines through the real reader. And findings as texts that say kind and place, so
// that what was expected, what a slow reference finds and what the checkers find can be compared.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "operations/judge.hpp"

namespace seatrial::operations::test {

using Offset = std::optional<std::int64_t>;

struct Item {  // one message of a poll, or a send
  int key = 0;
  Offset offset;
  int value = 0;
  friend bool operator==(const Item&, const Item&) = default;
};

struct MicroOperation {
  bool is_send = false;
  std::vector<Item> items;  // one, of a send
};

inline MicroOperation send(int key, Offset offset, int value) {
  return {true, {{key, offset, value}}};
}
inline MicroOperation poll(std::vector<Item> items) { return {false, std::move(items)}; }

struct Op {
  double invoked = 0, completed = 0;  // their places in the history
  bool unfinished = false;            // nothing completes it: an info at the end
  bool bare = false;                  // the history does not hold its invocation
  int process = 0;
  std::string type = "ok", f;
  std::vector<MicroOperation> micro;
  std::vector<int> keys;  // of assign and subscribe
  std::vector<int> rebalanced;
  bool rebalanced_all = false, seeks = false;
  bool late = false;        // 20 s after the others
  bool subscribed = false;  // the process was, then; for expectations
  // Set by to_jsonl:
  std::int64_t index = 0, invoked_ns = 0, time_ns = 0;
  std::int64_t begun = 0;  // the line before which it had not begun; 0: nobody knows

  [[nodiscard]] std::vector<Item> sent() const;
  [[nodiscard]] std::vector<Item> polled(std::optional<int> key = {}) const;
  [[nodiscard]] bool is_rebalanced(int key) const;
};

// The lines in order of their places; sets index and times of each operation. Indices are what a
// reader makes of none: the number of the line that completed it (or invoked it, if unfinished).
[[nodiscard]] std::string to_jsonl(std::vector<Op>& ops);

// Kind and place. `ops` are positions in the list of operations.
struct Place {
  std::string anomaly;
  Weight weight = Weight::violation;
  std::optional<int> key;
  std::vector<int> values;
  std::vector<std::int64_t> offsets;  // -1: unknown
  std::uint64_t skipped = 0;
  std::vector<std::size_t> ops;
  std::int64_t lag_ns = 0;
};
[[nodiscard]] std::string to_string(const Place& place, const std::vector<Op>& ops);

// What the checkers found, each finding as to_string would put it. Proof that may be chosen freely
// (which reader of a later offset, who saw a duplicate) is left out; the operations of a cycle are
// sorted.
[[nodiscard]] std::multiset<std::string> found_by(const History& history,
                                                  const Judgement& judgement);

[[nodiscard]] History read(const std::string& jsonl);

// One a line, indented.
std::string text_of(const std::multiset<std::string>& places);

}  // namespace seatrial::operations::test
