// One injection for each anomaly. Most add operations of new processes at random moments, as these
// have no past that would make other anomalies of it; messages that a valid history does not have
// lie behind the end of a key's log, where only the injection itself reads.
#include <algorithm>
#include <map>

#include "unit/operations/generator.hpp"

namespace seatrial::operations::test {
namespace {

std::size_t at(int key) { return static_cast<std::size_t>(key); }

}  // namespace

std::size_t Generator::add(std::string type, std::string f, std::vector<MicroOperation> micro) {
  // What is sent lies behind all else, and must not be acked before that was sent.
  const bool sends = std::ranges::any_of(micro, &MicroOperation::is_send);
  const double a = between(0, clock_);
  const double b = sends ? between(clock_, clock_ + 1) : between(0, clock_);
  ops_.push_back({.invoked = std::min(a, b),
                  .completed = std::max(a, b),
                  .process = next_process_++,
                  .type = std::move(type),
                  .f = std::move(f),
                  .micro = std::move(micro)});
  complete_after_writers(ops_.back());
  return ops_.size() - 1;
}

void Generator::complete_after_writers(Op& op) {
  double written = 0;
  for (const Item& item : op.polled()) {
    for (const Op& other : ops_) {
      for (const Item& sent : other.sent()) {
        if (sent.key == item.key && sent.value == item.value && &other != &op) {
          written = std::max(written, other.completed);
        }
      }
    }
  }
  if (op.completed < written) op.completed = between(written, std::max(written, clock_) + 1);
}

void Generator::overlap(std::size_t a, std::size_t b) {
  ops_[b].invoked = between(ops_[a].invoked, ops_[a].completed);
  ops_[b].completed =
      between(std::max(ops_[b].invoked, clock_), std::max(clock_, ops_[a].completed) + 1);
}

// Of the same process, later.
std::size_t Generator::add_after(std::size_t before, std::string type, std::string f,
                                 std::vector<MicroOperation> micro) {
  const double a = between(ops_[before].completed, clock_ + 1);
  ops_.push_back({.invoked = a,
                  .completed = between(a, clock_ + 2),
                  .process = ops_[before].process,
                  .type = std::move(type),
                  .f = std::move(f),
                  .micro = std::move(micro)});
  complete_after_writers(ops_.back());
  return ops_.size() - 1;
}

std::optional<int> Generator::tail() {
  std::vector<int> free;
  for (int key = 0; key < static_cast<int>(logs_.size()); ++key) {
    if (!logs_[at(key)].tail_used) free.push_back(key);
  }
  if (free.empty()) return std::nullopt;
  const int key = free[at(draw(static_cast<int>(free.size())))];
  logs_[at(key)].tail_used = true;
  return key;
}

std::optional<std::pair<int, std::size_t>> Generator::place(std::size_t behind) {
  std::vector<std::pair<int, std::size_t>> all;
  for (int key = 0; key < static_cast<int>(logs_.size()); ++key) {
    const auto& visible = logs_[at(key)].visible;
    for (std::size_t i = 0; i + behind < visible.size(); ++i) {
      bool free = true;
      for (std::size_t n = 0; n <= behind; ++n) free &= !visible[i + n].touched;
      if (free) all.emplace_back(key, i);
    }
  }
  if (all.empty()) return std::nullopt;
  return all[at(draw(static_cast<int>(all.size())))];
}

void Generator::read_tail(int key, std::vector<std::pair<std::int64_t, int>> messages) {
  std::vector<Item> items;
  for (const auto& [offset, value] : messages) items.push_back({key, offset, value});
  add("ok", "poll", {poll(std::move(items))});
}

std::size_t Generator::index_of(int key, int value) const {
  const auto& visible = logs_[at(key)].visible;
  return static_cast<std::size_t>(std::ranges::find(visible, value, &Entry::value) -
                                  visible.begin());
}

std::optional<Generator::Resting> Generator::resting() {
  std::vector<Resting> all;
  std::map<int, double> next;  // by process: where its next operation begins
  std::vector<std::size_t> by_time(ops_.size());
  for (std::size_t i = 0; i < ops_.size(); ++i) by_time[i] = i;
  std::ranges::sort(by_time, {}, [&](std::size_t i) { return -ops_[i].invoked; });
  for (const std::size_t i : by_time) {
    const Op& op = ops_[i];
    const double until = next.contains(op.process) ? next[op.process] : clock_ + 1;
    next[op.process] = op.invoked;
    if (op.type != "ok" || op.unfinished || i >= final_reads_ || stepped_.contains(i) ||
        lossy_.contains(i)) {
      continue;
    }
    for (int key = 0; key < static_cast<int>(logs_.size()); ++key) {
      const auto items = op.polled(key);
      if (items.empty() || !items.back().offset) continue;
      const std::size_t last = index_of(key, items.back().value);
      if (!logs_[at(key)].visible[last].touched) all.push_back({i, key, last, until});
    }
  }
  if (all.empty()) return std::nullopt;
  return all[at(draw(static_cast<int>(all.size())))];
}

// Taken from all that polled it. Where this leaves a gap, a rebalance excuses it.
bool Generator::lost_write() {
  const auto where = place(1);
  if (!where) return false;
  const auto& [key, i] = *where;
  auto& visible = logs_[at(key)].visible;
  Entry& entry = visible[i];
  const Op& writer = ops_[entry.writer];
  const auto sends = writer.sent();
  const auto sent = std::ranges::find(sends, Item{key, entry.offset, entry.value});
  if (writer.type != "ok" || writer.unfinished || sent == sends.end()) return false;
  std::set<std::size_t> readers, excused;
  for (std::size_t n = 0; n < ops_.size(); ++n) {
    for (const Item& item : ops_[n].polled(key)) {
      if (item.value == entry.value) readers.insert(n);
    }
  }
  for (const std::size_t reader : readers) {
    excused.insert(reader);
    std::optional<std::size_t> next;
    for (std::size_t n = 0; n < ops_.size(); ++n) {
      if (ops_[n].process != ops_[reader].process || ops_[n].polled(key).empty()) continue;
      // Also the failed ones, which are compared with the same position.
      if (ops_[n].invoked > ops_[reader].completed) excused.insert(n);
    }
  }
  for (const std::size_t n : excused) {
    if (stepped_.contains(n)) return false;
  }
  for (const std::size_t n : excused) {
    ops_[n].rebalanced.push_back(key);
    lossy_.insert(n);
  }
  const bool taken_back = chance(0.5);  // what failed operations polled of it stays
  for (const std::size_t reader : readers) {
    if (taken_back && ops_[reader].type == "fail") continue;
    for (MicroOperation& micro : ops_[reader].micro) {
      if (micro.is_send) continue;
      std::erase_if(micro.items,
                    [&](const Item& item) { return item.key == key && item.value == entry.value; });
    }
  }
  expect({"lost-write", Weight::violation, key, {entry.value}, {entry.offset}, 0, {entry.writer}});
  entry.touched = visible[i + 1].touched = true;
  if (i > 0) visible[i - 1].touched = true;
  return true;
}

bool Generator::unseen() {
  const auto key = tail();
  if (!key) return false;
  const Offset offset = chance(0.5) ? Offset(logs_[at(*key)].end) : Offset();
  const int value = next_value_++;
  const std::size_t op = add("ok", "send", {send(*key, offset, value)});
  if (chance(0.5)) add(chance(0.5) ? "fail" : "info", "txn", {poll({{*key, offset, value}})});
  expect({"unseen", Weight::undecided, *key, {value}, {offset.value_or(-1)}, 0, {op}});
  return true;
}

// A send that succeeded is said to have failed.
bool Generator::g1a() {
  const auto where = place(0);
  if (!where) return false;
  const std::size_t writer = logs_[at(where->first)].visible[where->second].writer;
  if (ops_[writer].f != "send" || ops_[writer].type != "ok" || ops_[writer].unfinished) {
    return false;
  }
  for (const Item& item : ops_[writer].sent()) {
    if (logs_[at(item.key)].visible[index_of(item.key, item.value)].touched) return false;
  }
  ops_[writer].type = "fail";
  for (const Item& item : ops_[writer].sent()) {
    logs_[at(item.key)].visible[index_of(item.key, item.value)].touched = true;
    for (std::size_t n = 0; n < ops_.size(); ++n) {
      if (ops_[n].type != "ok") continue;
      for (const Item& seen : ops_[n].polled(item.key)) {
        if (seen.value != item.value) continue;
        expect({"G1a",
                Weight::violation,
                item.key,
                {item.value},
                {seen.offset.value_or(-1)},
                0,
                {writer, n}});
        break;
      }
    }
  }
  return true;
}

bool Generator::duplicate() {
  const auto where = place(0);
  if (!where || logs_[at(where->first)].tail_used) return false;
  const auto& [key, i] = *where;
  Log& log = logs_[at(key)];
  log.tail_used = true;
  Entry& entry = log.visible[i];
  entry.touched = true;
  read_tail(key, {{log.end, entry.value}});
  expect({"duplicate",
          Weight::violation,
          key,
          {entry.value, entry.value},
          {entry.offset, log.end},
          0,
          {}});
  return true;
}

bool Generator::inconsistent_offsets() {
  const auto where = place(0);
  if (!where) return false;
  const auto& [key, i] = *where;
  Entry& entry = logs_[at(key)].visible[i];
  entry.touched = true;
  const int value = next_value_++;
  add("info", "send", {send(key, {}, value)});
  read_tail(key, {{entry.offset, value}});
  expect({"inconsistent-offsets",
          Weight::violation,
          key,
          {entry.value, value},
          {entry.offset, entry.offset},
          0,
          {}});
  return true;
}

// Between one poll and the process's next operation, another one that ends where the first did.
bool Generator::nonmonotonic_poll() {
  const auto rest = resting();
  if (!rest) return false;
  const auto& visible = logs_[at(rest->key)].visible;
  std::size_t from = rest->at;
  for (int back = draw(4); back > 0 && from > 0 && !visible[from - 1].touched; --back) --from;
  std::vector<Item> items;
  for (std::size_t i = from; i <= rest->at; ++i) {
    items.push_back({rest->key, visible[i].offset, visible[i].value});
  }
  const std::size_t op = add_after(rest->op, "ok", "poll", {poll(std::move(items))});
  ops_[op].invoked = between(ops_[rest->op].completed, rest->until);
  ops_[op].completed = between(ops_[op].invoked, rest->until);
  stepped_.insert({rest->op, op});
  const Weight weight = ops_[rest->op].subscribed ? Weight::informative : Weight::violation;
  expect({"nonmonotonic-poll",
          weight,
          rest->key,
          {visible[rest->at].value, visible[from].value},
          {visible[rest->at].offset, visible[from].offset},
          0,
          {rest->op, op}});
  return true;
}

bool Generator::poll_skip() {
  if (chance(0.5)) {
    // Failed: the position stays, and what the process polls next is right again.
    const auto rest = resting();
    if (!rest) return false;
    auto& visible = logs_[at(rest->key)].visible;
    const std::size_t to = rest->at + 2 + at(draw(3));
    if (to >= visible.size() || visible[to].touched) return false;
    const double written = std::max(ops_[rest->op].completed, ops_[visible[to].writer].completed);
    if (written >= rest->until) return false;
    const std::size_t op = add_after(rest->op, "fail", "poll",
                                     {poll({{rest->key, visible[to].offset, visible[to].value}})});
    ops_[op].invoked = between(written, rest->until);
    ops_[op].completed = between(ops_[op].invoked, rest->until);
    stepped_.insert({rest->op, op});
    const Weight weight = ops_[rest->op].subscribed ? Weight::informative : Weight::violation;
    expect({"poll-skip",
            weight,
            rest->key,
            {visible[rest->at].value, visible[to].value},
            {visible[rest->at].offset, visible[to].offset},
            to - rest->at - 1,
            {rest->op, op}});
    return true;
  }
  const std::size_t behind = 2 + at(draw(3));
  const auto where = place(behind);
  if (!where) return false;
  const auto& [key, i] = *where;
  const auto& visible = logs_[at(key)].visible;
  const Entry &a = visible[i], &b = visible[i + behind];
  const std::size_t first = add("ok", "poll", {poll({{key, a.offset, a.value}})});
  const std::size_t second = add_after(first, "ok", "poll", {poll({{key, b.offset, b.value}})});
  stepped_.insert({first, second});
  expect({"poll-skip",
          Weight::violation,
          key,
          {a.value, b.value},
          {a.offset, b.offset},
          behind - 1,
          {first, second}});
  return true;
}

bool Generator::int_poll_skip() {
  const std::size_t behind = 2 + at(draw(3));
  const auto where = place(behind);
  if (!where) return false;
  const auto& [key, i] = *where;
  const auto& visible = logs_[at(key)].visible;
  const Entry &a = visible[i], &b = visible[i + behind];
  std::vector<MicroOperation> micro{poll({{key, a.offset, a.value}}),
                                    poll({{key, b.offset, b.value}})};
  if (chance(0.5)) micro = {poll({{key, a.offset, a.value}, {key, b.offset, b.value}})};
  const std::size_t op = add("ok", "poll", std::move(micro));
  stepped_.insert(op);
  expect({"int-poll-skip",
          Weight::violation,
          key,
          {a.value, b.value},
          {a.offset, b.offset},
          behind - 1,
          {op}});
  return true;
}

// A message of an existing operation comes twice in succession.
bool Generator::int_nonmonotonic_poll() {
  const auto op = at(draw(static_cast<int>(ops_.size())));
  if (stepped_.contains(op) || lossy_.contains(op) || ops_[op].rebalanced_all) return false;
  for (MicroOperation& micro : ops_[op].micro) {
    if (micro.is_send || micro.items.empty() || ops_[op].unfinished) continue;
    const auto n = draw(static_cast<int>(micro.items.size()));
    const Item item = micro.items[at(n)];
    if (!item.offset || ops_[op].is_rebalanced(item.key)) return false;
    if (logs_[at(item.key)].tail_used && op >= final_reads_) return false;
    micro.items.insert(micro.items.begin() + n, item);
    stepped_.insert(op);
    expect({"int-nonmonotonic-poll",
            Weight::violation,
            item.key,
            {item.value, item.value},
            {*item.offset, *item.offset},
            0,
            {op}});
    return true;
  }
  return false;
}

// Another's message between two, which is a write cycle too: each lies before the other.
bool Generator::int_send_skip() {
  const auto key = tail();
  if (!key) return false;
  const std::int64_t end = logs_[at(*key)].end;
  const int a = next_value_++, b = next_value_++, other = next_value_++;
  const std::size_t two = add("ok", "send", {send(*key, end, a), send(*key, end + 2, b)});
  const std::size_t one = add("ok", "send", {send(*key, end + 1, other)});
  overlap(two, one);
  read_tail(*key, {{end, a}, {end + 1, other}, {end + 2, b}});
  expect({"int-send-skip", Weight::informative, *key, {a, b}, {end, end + 2}, 1, {two}});
  expect({"G0", Weight::informative, {}, {}, {}, 0, {two, one}});
  return true;
}

bool Generator::int_nonmonotonic_send() {
  const auto key = tail();
  if (!key) return false;
  const std::int64_t end = logs_[at(*key)].end;
  const int a = next_value_++, b = next_value_++;
  const std::size_t op = add("ok", "txn", {send(*key, end + 1, a), send(*key, end, b)});
  read_tail(*key, {{end, b}, {end + 1, a}});
  expect({"int-nonmonotonic-send", Weight::violation, *key, {a, b}, {end + 1, end}, 0, {op}});
  return true;
}

bool Generator::nonmonotonic_send() {
  const auto key = tail();
  if (!key) return false;
  const std::int64_t end = logs_[at(*key)].end;
  const int a = next_value_++, b = next_value_++;
  const std::size_t first = add("ok", "send", {send(*key, end + 1, a)});
  const std::size_t second = add_after(first, "ok", "send", {send(*key, end, b)});
  read_tail(*key, {{end, b}, {end + 1, a}});
  expect(
      {"nonmonotonic-send", Weight::violation, *key, {a, b}, {end + 1, end}, 0, {first, second}});
  expect({"G0-realtime", Weight::violation, *key, {b}, {end}, 0, {second}});
  return true;
}

// As nonmonotonic-send, of two processes.
bool Generator::g0_realtime() {
  const auto key = tail();
  if (!key) return false;
  const std::int64_t end = logs_[at(*key)].end;
  const int a = next_value_++, b = next_value_++;
  const std::size_t first = add("ok", "send", {send(*key, end + 1, a)});
  const std::size_t second = add(chance(0.5) ? "ok" : "info", "send", {send(*key, end, b)});
  ops_[second].invoked = between(ops_[first].completed, clock_ + 1);
  ops_[second].completed = between(ops_[second].invoked, clock_ + 2);
  read_tail(*key, {{end, b}, {end + 1, a}});
  expect({"G0-realtime", Weight::violation, *key, {b}, {end}, 0, {second}});
  return true;
}

// Polled, and only then sent.
bool Generator::g1c_realtime() {
  const auto where = place(0);
  if (!where) return false;
  Entry& entry = logs_[at(where->first)].visible[where->second];
  const double begun = ops_[entry.writer].invoked;
  const std::size_t op =
      add(chance(0.7) ? "ok" : "fail", "poll", {poll({{where->first, entry.offset, entry.value}})});
  ops_[op].completed = between(0, begun);
  ops_[op].invoked = between(0, ops_[op].completed);
  entry.touched = true;
  expect({"G1c-realtime", Weight::violation, {}, {}, {}, 0, {op}});
  return true;
}

bool Generator::precommitted_read() {
  const auto key = tail();
  if (!key) return false;
  const std::int64_t end = logs_[at(*key)].end;
  const int value = next_value_++;
  const std::size_t op = add("ok", "txn", {send(*key, end, value), poll({{*key, end, value}})});
  expect({"precommitted-read", Weight::violation, *key, {value}, {end}, 0, {op}});
  return true;
}

bool Generator::g0() {
  const auto first = tail();
  const auto second = tail();
  if (!first || !second) return false;
  const std::int64_t one = logs_[at(*first)].end, two = logs_[at(*second)].end;
  const int v = next_value_;
  next_value_ += 4;
  const std::size_t a = add("ok", "txn", {send(*first, one, v), send(*second, two + 1, v + 1)});
  const std::size_t b = add("ok", "txn", {send(*first, one + 1, v + 2), send(*second, two, v + 3)});
  overlap(a, b);
  read_tail(*first, {{one, v}, {one + 1, v + 2}});
  read_tail(*second, {{two, v + 3}, {two + 1, v + 1}});
  expect({"G0", Weight::informative, {}, {}, {}, 0, {a, b}});
  return true;
}

bool Generator::g1c() {
  const auto first = tail();
  if (!first) return false;
  const std::int64_t one = logs_[at(*first)].end;
  const int v = next_value_++, w = next_value_++;
  if (chance(0.5)) {
    const auto second = tail();
    if (!second) return false;
    const std::int64_t two = logs_[at(*second)].end;
    const std::size_t a = add("ok", "txn", {send(*first, one, v), poll({{*second, two, w}})});
    const std::size_t b = add("ok", "txn", {poll({{*first, one, v}}), send(*second, two, w)});
    overlap(a, b);
    expect({"G1c", Weight::violation, {}, {}, {}, 0, {a, b}});
    return true;
  }
  // One message behind the other in a log, and polled by the writer of the first.
  const std::size_t a = add("ok", "txn", {send(*first, one, v), poll({{*first, one + 1, w}})});
  const std::size_t b = add("ok", "send", {send(*first, one + 1, w)});
  overlap(a, b);
  read_tail(*first, {{one, v}, {one + 1, w}});
  expect({"G1c", Weight::informative, {}, {}, {}, 0, {a, b}});
  return true;
}

// Reads early, then nothing, and asks again very late.
bool Generator::realtime_lag() {
  const auto where = place(1);
  if (!where) return false;
  const auto& [key, i] = *where;
  const Entry& entry = logs_[at(key)].visible[i];
  const std::size_t early = add("ok", "poll", {poll({{key, entry.offset, entry.value}})});
  const std::size_t late = add_after(early, "ok", "poll", {poll({})});
  ops_[late].late = true;
  ops_[late].invoked = between(clock_ + 3, clock_ + 4);
  ops_[late].completed = between(clock_ + 4, clock_ + 5);
  logs_[at(key)].visible[i].touched = true;
  expect({"realtime-lag", Weight::informative, key, {entry.value}, {entry.offset}, 0, {late}});
  return true;
}

const std::vector<std::string>& injectable() {
  static const std::vector<std::string> names{"lost-write",
                                              "unseen",
                                              "G1a",
                                              "duplicate",
                                              "G0",
                                              "G0-realtime",
                                              "inconsistent-offsets",
                                              "nonmonotonic-poll",
                                              "poll-skip",
                                              "int-poll-skip",
                                              "int-send-skip",
                                              "G1c",
                                              "G1c-realtime",
                                              "int-nonmonotonic-poll",
                                              "nonmonotonic-send",
                                              "precommitted-read",
                                              "int-nonmonotonic-send",
                                              "realtime-lag"};
  return names;
}

bool Generator::inject(const std::string& anomaly) {
  static const std::map<std::string, bool (Generator::*)()> injections{
      {"lost-write", &Generator::lost_write},
      {"unseen", &Generator::unseen},
      {"G1a", &Generator::g1a},
      {"duplicate", &Generator::duplicate},
      {"inconsistent-offsets", &Generator::inconsistent_offsets},
      {"nonmonotonic-poll", &Generator::nonmonotonic_poll},
      {"poll-skip", &Generator::poll_skip},
      {"int-poll-skip", &Generator::int_poll_skip},
      {"int-nonmonotonic-poll", &Generator::int_nonmonotonic_poll},
      {"int-send-skip", &Generator::int_send_skip},
      {"int-nonmonotonic-send", &Generator::int_nonmonotonic_send},
      {"nonmonotonic-send", &Generator::nonmonotonic_send},
      {"precommitted-read", &Generator::precommitted_read},
      {"G0", &Generator::g0},
      {"G0-realtime", &Generator::g0_realtime},
      {"G1c", &Generator::g1c},
      {"G1c-realtime", &Generator::g1c_realtime},
      {"realtime-lag", &Generator::realtime_lag}};
  return (this->*injections.at(anomaly))();
}

}  // namespace seatrial::operations::test
