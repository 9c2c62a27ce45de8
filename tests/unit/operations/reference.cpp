// The definitions, literally.
#include "unit/operations/reference.hpp"

#include <algorithm>

namespace seatrial::operations::test {
namespace {

bool polls(const Op& op) { return op.f == "poll" || op.f == "txn" || op.f == "send"; }

}  // namespace

Reference::Reference(const std::vector<Op>& ops) : ops_(ops) {
  for (Op& op : ops_) {
    if (op.unfinished) op.type = "info";
    if (op.unfinished) {
      for (auto& m : op.micro) {
        if (m.is_send) m.items.front().offset.reset();
      }
    }
  }
  for (std::size_t i = 0; i < ops_.size(); ++i) order_.push_back(i);
  std::ranges::stable_sort(
      order_, {}, [&](std::size_t i) { return std::pair(ops_[i].unfinished, ops_[i].index); });
  for (const Op& op : ops_) {
    for (const Item& item : op.sent()) messages_.insert({item.key, item.value});
    for (const Item& item : op.polled()) messages_.insert({item.key, item.value});
  }
  for (const auto& [key, value] : messages_) keys_.insert(key);
  for (std::size_t i = 0; i < ops_.size(); ++i) committed_[i] = committed(i);
  for (std::size_t i = 0; i < ops_.size(); ++i) {
    for (const Item& item : ops_[i].polled()) {
      if (item.offset) offsets_[{item.key, item.value}].insert(*item.offset);
    }
    for (const Item& item : ops_[i].sent()) {
      if (item.offset && committed_[i]) offsets_[{item.key, item.value}].insert(*item.offset);
    }
  }
  for (const int key : keys_) {
    std::map<std::int64_t, std::vector<Message>> log;
    for (const auto& [message, places] : offsets_) {
      if (message.first != key) continue;
      for (const std::int64_t o : places) log[o].push_back(message);
    }
    std::optional<std::size_t> before;
    for (const auto& [offset, held] : log) {
      const Message& m = held.front();
      if (held.size() != 1 || offsets_.at(m).size() != 1) continue;
      const auto who = senders(m);
      if (who.size() != 1 || !committed_[who[0]]) continue;
      if (before && *before != who[0]) ww_.insert({*before, who[0]});
      before = who[0];
    }
  }
  for (std::size_t i = 0; i < ops_.size(); ++i) {
    for (const Item& item : ops_[i].polled()) {
      const auto who = senders({item.key, item.value});
      if (who.size() == 1 && who[0] != i && committed_[who[0]]) wr_.insert({who[0], i});
    }
  }
}

std::vector<std::size_t> Reference::senders(const Message& message) const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < ops_.size(); ++i) {
    for (const Item& item : ops_[i].sent()) {
      if (Message{item.key, item.value} == message) out.push_back(i);
    }
  }
  return out;
}

bool Reference::polled_by(const Message& message, const std::string& type) const {
  return std::ranges::any_of(ops_, [&](const Op& op) {
    if (op.type != type) return false;
    return std::ranges::any_of(op.polled(message.first),
                               [&](const Item& item) { return item.value == message.second; });
  });
}

bool Reference::committed(std::size_t op) const {
  if (ops_[op].type != "info") return ops_[op].type == "ok";
  return std::ranges::any_of(ops_[op].sent(), [&](const Item& item) {
    const Message message{item.key, item.value};
    return !ambiguous(message) && polled_by(message, "ok");
  });
}

std::set<std::int64_t> Reference::offsets(const Message& message) const {
  const auto found = offsets_.find(message);
  return found == offsets_.end() ? std::set<std::int64_t>{} : found->second;
}

std::set<std::int64_t> Reference::known_offsets(int key) const {
  std::set<std::int64_t> out;
  for (const auto& [message, places] : offsets_) {
    if (message.first == key) out.insert(places.begin(), places.end());
  }
  return out;
}

Offset Reference::place_of(std::size_t op, const Item& item, bool is_send) const {
  if (item.offset && (!is_send || committed_.at(op))) return item.offset;
  const Message message{item.key, item.value};
  const auto places = offsets(message);
  if (ambiguous(message) || places.size() != 1) return {};
  return *places.begin();
}

Offset Reference::bound(int key) const {
  Offset out;
  for (const Message& m : messages_) {
    if (m.first != key || !polled_by(m, "ok") || offsets(m).empty()) continue;
    out = std::max(out, Offset(*offsets(m).begin()));
  }
  return out;
}

bool Reference::subscribed(std::size_t op) const {
  bool out = false;
  for (const std::size_t i : order_) {
    if (i == op) break;
    if (ops_[i].process != ops_[op].process) continue;
    if (ops_[i].f == "crash") out = false;
    if (ops_[i].type == "fail") continue;
    if (ops_[i].f == "assign") out = false;
    if (ops_[i].f == "subscribe") out = true;
  }
  return out;
}

std::optional<Reference::Last> Reference::last_polled(std::size_t op, int key) const {
  if (ops_[op].is_rebalanced(key)) return std::nullopt;
  auto at = std::ranges::find(order_, op);
  while (at != order_.begin()) {
    const std::size_t i = *--at;
    const Op& other = ops_[i];
    if (other.process != ops_[op].process) continue;
    if (other.f == "crash") return std::nullopt;
    if (other.f == "assign" || other.f == "subscribe") {
      if (other.type == "fail") continue;
      if (other.seeks || std::ranges::find(other.keys, key) == other.keys.end()) return {};
      continue;
    }
    const auto items = other.polled(key);
    if (!items.empty() && other.type == "ok") {
      const Offset offset = place_of(i, items.back(), false);
      if (!offset) return std::nullopt;
      return Last{items.back(), i, *offset};
    }
    if (other.is_rebalanced(key)) return std::nullopt;
    if (!items.empty() && other.type == "info") return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Reference::Last> Reference::last_sent(std::size_t op, int key) const {
  auto at = std::ranges::find(order_, op);
  while (at != order_.begin()) {
    const std::size_t i = *--at;
    const Op& other = ops_[i];
    if (other.process != ops_[op].process) continue;
    if (other.f == "crash") return std::nullopt;
    std::vector<Item> items;
    for (const Item& item : other.sent()) {
      if (item.key == key) items.push_back(item);
    }
    if (items.empty() || other.type == "fail") continue;
    const Offset offset = place_of(i, items.back(), true);
    if (other.type == "info" || !offset) return std::nullopt;
    return Last{items.back(), i, *offset};
  }
  return std::nullopt;
}

void Reference::add(std::multiset<std::string>& out, const Place& place) const {
  out.insert(to_string(place, ops_));
}

// lost-write, unseen, G1a, precommitted-read, duplicate.
void Reference::messages(std::multiset<std::string>& out) const {
  for (const Message& m : messages_) {
    const auto who = senders(m);
    const auto places = offsets(m);
    if (who.size() < 2 && places.size() > 1) {
      add(out, {"duplicate",
                Weight::violation,
                m.first,
                std::vector<int>(places.size(), m.second),
                {places.begin(), places.end()},
                0,
                {}});
    }
    if (who.size() != 1) continue;
    const Op& writer = ops_[who[0]];
    const Offset limit = bound(m.first);
    const bool passed = !places.empty() && limit && *places.rbegin() <= *limit;
    const bool seen = polled_by(m, "ok"), perhaps = polled_by(m, "info");
    const bool lost = committed_.at(who[0]) && passed && !seen && !perhaps;
    if (lost) {
      add(out, {"lost-write", Weight::violation, m.first, {m.second}, {*places.rbegin()}, 0, who});
    }
    if (!seen && writer.type == "ok" && !lost) {
      add(out, {"unseen",
                Weight::undecided,
                m.first,
                {m.second},
                {places.empty() ? -1 : *places.rbegin()},
                0,
                who});
    }
    for (std::size_t i = 0; i < ops_.size(); ++i) {
      for (const Item& item : ops_[i].polled(m.first)) {
        if (item.value != m.second) continue;
        const std::int64_t at = item.offset.value_or(-1);
        if (writer.type == "fail" && ops_[i].type == "ok") {
          add(out, {"G1a", Weight::violation, m.first, {m.second}, {at}, 0, {who[0], i}});
        }
        if (i == who[0]) {
          add(out, {"precommitted-read", Weight::violation, m.first, {m.second}, {at}, 0, {i}});
        }
        break;  // once for each operation
      }
    }
  }
}

void Reference::logs(std::multiset<std::string>& out) const {
  for (const int key : keys_) {
    for (const std::int64_t offset : known_offsets(key)) {
      std::vector<int> values;
      for (const auto& [m, places] : offsets_) {
        if (m.first == key && places.contains(offset)) values.push_back(m.second);
      }
      if (values.size() < 2) continue;
      add(out, {"inconsistent-offsets",
                Weight::violation,
                key,
                values,
                std::vector<std::int64_t>(values.size(), offset),
                0,
                {}});
    }
  }
}

Place Reference::step(const std::string& name, Weight weight, int key, const Last& from,
                      const Last& to) const {
  Place place{name, weight, key, {from.item.value, to.item.value}, {from.offset, to.offset}, 0, {}};
  for (const std::int64_t o : known_offsets(key)) {
    if (o > from.offset && o < to.offset) ++place.skipped;
  }
  if (from.op != to.op) place.ops.push_back(from.op);
  place.ops.push_back(to.op);
  return place;
}

void Reference::between(std::multiset<std::string>& out) const {
  for (std::size_t i = 0; i < ops_.size(); ++i) {
    for (const int key : keys_) {
      const auto items = ops_[i].polled(key);
      const auto last = last_polled(i, key);
      if (!items.empty() && last && polls(ops_[i])) {
        const Offset first = place_of(i, items.front(), false);
        const Weight weight = subscribed(i) ? Weight::informative : Weight::violation;
        if (first && *first <= last->offset) {
          add(out, step("nonmonotonic-poll", weight, key, *last, {items.front(), i, *first}));
        }
        if (first && *first > last->offset) {
          const Place skip = step("poll-skip", weight, key, *last, {items.front(), i, *first});
          if (skip.skipped > 0) add(out, skip);
        }
      }
      const auto sends = ops_[i].sent();
      const auto send = std::ranges::find(sends, key, &Item::key);
      const auto before = last_sent(i, key);
      if (send == sends.end() || !before || !committed_.at(i)) continue;
      const Offset first = place_of(i, *send, true);
      if (first && *first < before->offset) {
        add(out, step("nonmonotonic-send", Weight::violation, key, *before, {*send, i, *first}));
      }
    }
  }
}

void Reference::within(std::multiset<std::string>& out) const {
  const auto judge = [&](std::size_t i, int key, const std::vector<Item>& items, bool is_send) {
    for (std::size_t n = 1; n < items.size(); ++n) {
      const Offset a = place_of(i, items[n - 1], is_send), b = place_of(i, items[n], is_send);
      if (!a || !b) continue;
      const Last from{items[n - 1], i, *a}, to{items[n], i, *b};
      const std::string what = is_send ? "send" : "poll";
      const Weight skip_weight = is_send ? Weight::informative : Weight::violation;
      const Place skip = step("int-" + what + "-skip", skip_weight, key, from, to);
      if (skip.skipped > 0) add(out, skip);
      if (*b < *a || (*b == *a && !is_send)) {
        add(out, step("int-nonmonotonic-" + what, Weight::violation, key, from, to));
      }
    }
  };
  for (std::size_t i = 0; i < ops_.size(); ++i) {
    for (const int key : keys_) {
      if (!ops_[i].is_rebalanced(key)) judge(i, key, ops_[i].polled(key), false);
      std::vector<Item> sends;
      for (const Item& item : ops_[i].sent()) {
        if (item.key == key) sends.push_back(item);
      }
      if (committed_.at(i)) judge(i, key, sends, true);
    }
  }
}

// G0-realtime and G1c-realtime.
void Reference::real_time(std::multiset<std::string>& out) const {
  struct Entry {
    int value;
    std::int64_t offset;
    std::size_t writer;
  };
  for (const int key : keys_) {
    std::map<std::int64_t, int> held;  // messages at each offset
    for (const auto& [m, places] : offsets_) {
      if (m.first != key) continue;
      for (const std::int64_t o : places) ++held[o];
    }
    std::vector<Entry> certain;
    for (const auto& [m, places] : offsets_) {
      const auto who = senders(m);
      if (m.first != key || places.size() != 1 || held[*places.begin()] != 1) continue;
      if (who.size() == 1) certain.push_back({m.second, *places.begin(), who[0]});
    }
    for (const Entry& low : certain) {
      const bool found = std::ranges::any_of(certain, [&](const Entry& high) {
        const Op& acked = ops_[high.writer];
        return high.offset > low.offset && acked.type == "ok" &&
               acked.index < ops_[low.writer].begun;
      });
      if (!found || !committed_.at(low.writer)) continue;
      add(out, {"G0-realtime", Weight::violation, key, {low.value}, {low.offset}, 0, {low.writer}});
    }
  }
  const auto reached = reach(wr_);
  // Those that sent what an operation polled.
  const auto sources = [&](std::size_t op) {
    std::set<std::size_t> all;
    for (const Item& item : ops_[op].polled()) {
      const auto who = senders({item.key, item.value});
      if (who.size() == 1 && who[0] != op) all.insert(who[0]);
    }
    return all;
  };
  for (std::size_t i = 0; i < ops_.size(); ++i) {
    const auto later = [&](std::size_t n) { return ops_[n].begun > ops_[i].index; };
    bool early = false;
    for (const std::size_t writer : sources(i)) {
      early = early || later(writer);
      for (std::size_t n = 0; n < ops_.size() && committed_.at(writer); ++n) {
        if (n == writer || reached[n][writer]) {
          early = early || std::ranges::any_of(sources(n), later);
        }
      }
    }
    if (early) add(out, {"G1c-realtime", Weight::violation, {}, {}, {}, 0, {i}});
  }
}

// For every ok poll and every key, the lag at that moment; told is the worst of each process.
void Reference::lags(std::multiset<std::string>& out, std::int64_t at_least_ns) const {
  std::map<std::pair<int, int>, Place> worst;
  std::map<int, std::map<int, Item>> positions;  // by process and key
  for (const std::size_t i : order_) {
    const Op& op = ops_[i];
    auto& mine = positions[op.process];
    if (op.f == "crash") mine.clear();
    if ((op.f == "assign" || op.f == "subscribe") && op.type != "fail") {
      std::map<int, Item> now;
      for (const int key : op.keys) {
        if (op.f == "subscribe" || op.type == "info") continue;
        now[key] = mine.contains(key) && !op.seeks ? mine[key] : Item{key, -1, 0};
      }
      mine = now;
    }
    if (op.f != "poll" && op.f != "txn") continue;
    std::erase_if(mine, [&](const auto& entry) { return op.is_rebalanced(entry.first); });
    if (op.type != "ok") continue;
    for (const Item& item : op.polled()) {
      if (!item.offset) continue;
      const auto known = mine.find(item.key);
      if (known == mine.end() || *known->second.offset < *item.offset) mine[item.key] = item;
    }
    for (const auto& [key, position] : mine) {
      std::optional<std::int64_t> since;  // a later offset was known
      for (std::size_t n = 0; n < ops_.size(); ++n) {
        if (ops_[n].type == "fail") continue;
        const auto later = [&, k = key, o = *position.offset](const Item& item) {
          return item.key == k && item.offset && *item.offset > o;
        };
        const auto sent = ops_[n].sent(), seen = ops_[n].polled();
        if ((committed_.at(n) && std::ranges::any_of(sent, later)) ||
            std::ranges::any_of(seen, later)) {
          since = std::min(since.value_or(ops_[n].time_ns), ops_[n].time_ns);
        }
      }
      if (!since) continue;
      const std::int64_t lag_ns = op.invoked_ns - *since;
      Place& place = worst[{op.process, key}];
      if (lag_ns < at_least_ns || lag_ns <= place.lag_ns) continue;
      place = {"realtime-lag", Weight::informative, key, {}, {}, 0, {i}, lag_ns};
      if (*position.offset >= 0) place.values = {position.value};
      if (*position.offset >= 0) place.offsets = {*position.offset};
    }
  }
  for (const auto& [where, place] : worst) {
    if (place.lag_ns > 0) add(out, place);
  }
}

std::multiset<std::string> Reference::findings(std::int64_t at_least_ns) const {
  std::multiset<std::string> out;
  messages(out);
  logs(out);
  between(out);
  within(out);
  real_time(out);
  lags(out, at_least_ns);
  return out;
}

bool Reference::edge(std::size_t from, std::size_t to, bool ww, bool wr) const {
  return (ww && ww_.contains({from, to})) || (wr && wr_.contains({from, to}));
}

// Which operation leads to which, over any number of edges.
std::vector<std::vector<bool>> Reference::reach(const Edges& edges) const {
  const std::size_t n = ops_.size();
  std::vector<std::vector<bool>> out(n, std::vector<bool>(n));
  for (const auto& [a, b] : edges) out[a][b] = true;
  for (std::size_t via = 0; via < n; ++via) {
    for (std::size_t a = 0; a < n; ++a) {
      for (std::size_t b = 0; b < n; ++b) {
        if (out[a][via] && out[via][b]) out[a][b] = true;
      }
    }
  }
  return out;
}

std::vector<std::set<std::size_t>> Reference::components(const Edges& edges) const {
  const std::size_t n = ops_.size();
  const auto reached = reach(edges);
  std::set<std::set<std::size_t>> out;
  for (std::size_t a = 0; a < n; ++a) {
    std::set<std::size_t> group;
    for (std::size_t b = 0; b < n; ++b) {
      if (reached[a][b] && reached[b][a]) group.insert(b);
    }
    if (group.size() > 1) out.insert(group);
  }
  return {out.begin(), out.end()};
}

std::vector<Reference::Group> Reference::g0() const {
  std::vector<Group> out;
  for (const auto& group : components(ww_)) out.push_back({group, Weight::informative});
  return out;
}

std::vector<Reference::Group> Reference::g1c() const {
  std::vector<Group> out;
  const auto by_polls = components(wr_);
  for (const auto& group : by_polls) out.push_back({group, Weight::violation});
  Edges both = ww_;
  both.insert(wr_.begin(), wr_.end());
  for (const auto& group : components(both)) {
    const bool reported = std::ranges::any_of(
        by_polls, [&](const auto& inner) { return group.contains(*inner.begin()); });
    const bool polled = std::ranges::any_of(
        wr_, [&](const auto& e) { return group.contains(e.first) && group.contains(e.second); });
    if (!reported && polled) out.push_back({group, Weight::informative});
  }
  return out;
}

}  // namespace seatrial::operations::test
