// The valid part. An operation takes effect as a whole when it completes, so that nothing forms a
// cycle, and overlaps others from its process's last completion on.
#include "unit/operations/generator.hpp"

#include <algorithm>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>

namespace seatrial::operations::test {

Generator::Generator(std::uint32_t seed, int operations) : random_(seed) {
  logs_.resize(static_cast<std::size_t>(3 + draw(4)));
  for (int n = 2 + draw(5); n > 0; --n) {
    processes_.push_back({.id = next_process_++, .next = std::vector<std::size_t>(logs_.size())});
  }
  for (int n = 0; n < operations; ++n) {
    step(processes_[static_cast<std::size_t>(draw(static_cast<int>(processes_.size())))]);
  }
  for (Process& process : processes_) {
    if (chance(0.3)) leave_open(process);
  }
  final_reads_ = ops_.size();
  read_to_the_end();
}

int Generator::draw(int below) {
  return boost::random::uniform_int_distribution<int>(0, below - 1)(random_);
}

bool Generator::chance(double p) { return boost::random::uniform_01<double>()(random_) < p; }

double Generator::between(double a, double b) {
  return a + (b - a) * (0.01 + 0.98 * boost::random::uniform_01<double>()(random_));
}

Op& Generator::begin(Process& process, const std::string& f) {
  clock_ += 1;
  Op op{.invoked = between(process.free_at, clock_),
        .completed = clock_,
        .process = process.id,
        .f = f,
        .subscribed = process.subscribed};
  process.free_at = clock_;
  ops_.push_back(op);
  return ops_.back();
}

void Generator::step(Process& process) {
  const int what = draw(100);
  if (process.keys.empty() || what < 8) assign(process);
  else if (what < 11) crash(process);
  else operate(process);
}

void Generator::assign(Process& process) {
  Op& op = begin(process, chance(0.5) ? "assign" : "subscribe");
  for (int key = 0; key < static_cast<int>(logs_.size()); ++key) {
    if (chance(0.6)) op.keys.push_back(key);
  }
  if (chance(0.1)) op.type = "fail";
  else if (chance(0.1)) op.type = "info";
  if (op.type == "fail") return;
  op.seeks = op.f == "assign" && chance(0.1);
  for (const int key : op.keys) {
    const bool stays = std::ranges::find(process.keys, key) != process.keys.end() && !op.seeks;
    std::size_t& next = process.next[static_cast<std::size_t>(key)];
    const auto size = static_cast<int>(logs_[static_cast<std::size_t>(key)].visible.size());
    if (!stays) next = static_cast<std::size_t>(draw(size + 1));
  }
  process.keys = op.keys;
  process.subscribed = op.f == "subscribe";
}

void Generator::crash(Process& process) {
  Op& op = begin(process, "crash");
  op.type = "info";
  process.keys.clear();
  process.subscribed = false;
  if (chance(0.7)) process.id = next_process_++;
}

void Generator::send_some(Op& op, int count) {
  for (; count > 0; --count) {
    op.micro.push_back(send(draw(static_cast<int>(logs_.size())), {}, next_value_++));
  }
}

// Fills in offsets and lengthens the logs. A transaction leaves a marker behind, an aborted one
// also what nobody may see.
void Generator::append(Op& op, std::size_t id, bool landed, bool committed) {
  std::set<int> touched;
  for (MicroOperation& micro : op.micro) {
    if (!micro.is_send || !landed) continue;
    Item& item = micro.items.front();
    Log& log = logs_[static_cast<std::size_t>(item.key)];
    if (committed) log.visible.push_back({log.end, item.value, id, false});
    if (chance(0.9)) item.offset = log.end;
    ++log.end;
    touched.insert(item.key);
  }
  if (op.f != "txn") return;
  for (const int key : touched) ++logs_[static_cast<std::size_t>(key)].end;
}

void Generator::poll_some(Process& process, Op& op, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    MicroOperation micro = poll({});
    for (const int key : process.keys) {
      std::size_t& next = process.next[static_cast<std::size_t>(key)];
      const auto& visible = logs_[static_cast<std::size_t>(key)].visible;
      // Only at first: what is polled last is the position.
      if (round == 0 && op.is_rebalanced(key) && chance(0.5)) {
        next = static_cast<std::size_t>(draw(static_cast<int>(visible.size()) + 1));
      }
      for (int n = draw(4); n > 0 && next < visible.size(); --n, ++next) {
        Item item{key, visible[next].offset, visible[next].value};
        if (chance(0.02)) item.offset.reset();
        micro.items.push_back(item);
      }
    }
    op.micro.push_back(std::move(micro));
  }
}

void Generator::operate(Process& process) {
  const int what = draw(3);
  Op& op = begin(process, what == 0 ? "send" : what == 1 ? "poll" : "txn");
  const auto id = ops_.size() - 1;
  if (chance(0.12)) op.type = "fail";
  else if (chance(0.12)) op.type = "info";
  if (process.subscribed && what != 0 && chance(0.15)) {
    op.rebalanced_all = chance(0.2);
    for (const int key : process.keys) {
      if (!op.rebalanced_all && chance(0.5)) op.rebalanced.push_back(key);
    }
  }
  const std::vector<std::size_t> before = process.next;
  if (what == 2 && chance(0.5)) send_some(op, 1 + draw(2));
  if (what != 0) poll_some(process, op, 1 + draw(2));
  if (what != 1) send_some(op, 1 + draw(3));
  const bool happened = op.type == "ok" || (op.type == "info" && chance(0.5));
  const bool aborted = op.type == "fail" && op.f == "txn" && chance(0.5);
  append(op, id, happened || aborted, happened);
  if (op.type == "info" && !happened && chance(0.3)) {
    // Told an offset, and then nothing came of it.
    for (MicroOperation& micro : op.micro) {
      if (micro.is_send) micro.items.front().offset = 0;
    }
  }
  if (op.type == "fail" || (op.type == "info" && !happened)) process.next = before;
}

void Generator::leave_open(Process& process) {
  Op& op = begin(process, "send");
  const auto id = ops_.size() - 1;
  op.unfinished = true;
  send_some(op, 1 + draw(2));
  const bool happened = chance(0.5);
  append(op, id, happened, happened);
  for (MicroOperation& micro : op.micro) micro.items.front().offset.reset();
}

void Generator::read_to_the_end() {
  Process process{.id = next_process_++, .free_at = clock_};
  Op& first = begin(process, "assign");
  for (int key = 0; key < static_cast<int>(logs_.size()); ++key) first.keys.push_back(key);
  for (int key = 0; key < static_cast<int>(logs_.size()); ++key) {
    const auto& visible = logs_[static_cast<std::size_t>(key)].visible;
    for (std::size_t next = 0; next < visible.size();) {
      std::vector<Item> items;
      for (int n = 1 + draw(6); n > 0 && next < visible.size(); --n, ++next) {
        items.push_back({key, visible[next].offset, visible[next].value});
      }
      begin(process, "poll").micro = {poll(std::move(items))};
    }
  }
}

std::multiset<std::string> Generator::expected() const {
  std::multiset<std::string> out;
  for (const Place& place : expected_) {
    Place sorted = place;
    std::ranges::sort(sorted.ops, {}, [&](std::size_t op) { return ops_[op].index; });
    const bool cycle = place.anomaly == "G0" || place.anomaly == "G1c";
    out.insert(to_string(cycle ? sorted : place, ops_));
  }
  return out;
}

Validity Generator::validity() const {
  Weight worst = Weight::informative;
  for (const Place& place : expected_) worst = std::max(worst, place.weight);
  return worst == Weight::violation   ? Validity::invalid
         : worst == Weight::undecided ? Validity::unknown
                                      : Validity::valid;
}

}  // namespace seatrial::operations::test
