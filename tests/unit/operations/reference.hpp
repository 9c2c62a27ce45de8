// A second judge, for small histories: every definition read literally, with sets and maps, nested
// loops and no sharing between anomalies; quadratic and worse. It shares no code with the checkers.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "unit/operations/model.hpp"

namespace seatrial::operations::test {

class Reference {
 public:
  // `ops` after to_jsonl.
  explicit Reference(const std::vector<Op>& ops);

  // All findings but G0 and G1c.
  [[nodiscard]] std::multiset<std::string> findings(std::int64_t at_least_ns) const;

  // A group of operations connected by cycles, as positions in ops.
  struct Group {
    std::set<std::size_t> ops;
    Weight weight;
  };
  [[nodiscard]] std::vector<Group> g0() const;
  [[nodiscard]] std::vector<Group> g1c() const;
  // Whether `to` follows `from` directly.
  [[nodiscard]] bool edge(std::size_t from, std::size_t to, bool ww, bool wr) const;

 private:
  using Message = std::pair<int, int>;  // key and value
  using Edges = std::set<std::pair<std::size_t, std::size_t>>;

  [[nodiscard]] std::vector<std::size_t> senders(const Message& message) const;
  [[nodiscard]] bool ambiguous(const Message& m) const { return senders(m).size() > 1; }
  [[nodiscard]] bool polled_by(const Message& message, const std::string& type) const;
  [[nodiscard]] bool committed(std::size_t op) const;
  [[nodiscard]] std::set<std::int64_t> offsets(const Message& message) const;
  [[nodiscard]] std::set<std::int64_t> known_offsets(int key) const;
  [[nodiscard]] Offset place_of(std::size_t op, const Item& item, bool is_send) const;
  [[nodiscard]] Offset bound(int key) const;
  [[nodiscard]] bool subscribed(std::size_t op) const;
  // The last item of the key before `op`, of the same process, if that is known.
  struct Last {
    Item item;
    std::size_t op;
    std::int64_t offset;
  };
  [[nodiscard]] std::optional<Last> last_polled(std::size_t op, int key) const;
  [[nodiscard]] std::optional<Last> last_sent(std::size_t op, int key) const;
  [[nodiscard]] Place step(const std::string& name, Weight weight, int key, const Last& from,
                           const Last& to) const;
  void add(std::multiset<std::string>& out, const Place& place) const;
  void messages(std::multiset<std::string>& out) const;
  void logs(std::multiset<std::string>& out) const;
  void between(std::multiset<std::string>& out) const;
  void within(std::multiset<std::string>& out) const;
  void real_time(std::multiset<std::string>& out) const;
  void lags(std::multiset<std::string>& out, std::int64_t at_least_ns) const;
  [[nodiscard]] std::vector<std::vector<bool>> reach(const Edges& edges) const;
  [[nodiscard]] std::vector<std::set<std::size_t>> components(const Edges& edges) const;

  std::vector<Op> ops_;
  std::vector<std::size_t> order_;  // of completion
  std::set<Message> messages_;
  std::set<int> keys_;
  std::map<std::size_t, bool> committed_;
  std::map<Message, std::set<std::int64_t>> offsets_;
  Edges ww_, wr_;
};

}  // namespace seatrial::operations::test
