// The checkers against the slow reference, on small histories that nobody promised anything about:
// random values at random offsets, sent twice or never, by operations of any outcome.
#include <algorithm>
#include <array>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cstdio>
#include <map>

#include "support/catch.hpp"
#include "unit/operations/generator.hpp"
#include "unit/operations/reference.hpp"

namespace seatrial::operations::test {
namespace {

constexpr int histories = 2500;

class Chaos {
 public:
  explicit Chaos(std::uint32_t seed) : random_(seed) {}

  std::vector<Op> ops() {
    std::vector<Op> out;
    std::map<int, double> free_at;
    const int values = 3 + draw(12), offsets = 3 + draw(8), processes = 1 + draw(4);
    const bool unique = draw(2) == 0;
    const int bare = draw(6);  // this process, if there is one, writes no invocations
    for (int n = 2 + draw(14); n > 0; --n) {
      Op op{.process = draw(processes)};
      op.bare = op.process == bare;
      clock_ += 1;
      op.invoked = (free_at[op.process] + clock_) / 2;
      op.completed = free_at[op.process] = clock_;
      op.type = std::array{"ok", "ok", "ok", "info", "fail"}[at(draw(5))];
      op.f = std::array{"send",      "poll",  "txn",  "txn", "assign",
                        "subscribe", "crash", "poll", "send"}[at(draw(9))];
      const Offset none;
      for (int count = draw(4); count > 0 && op.f != "crash"; --count) {
        const int key = draw(2);
        if (op.f == "assign" || op.f == "subscribe") {
          op.keys.push_back(key);
        } else if (op.f == "send" || (op.f == "txn" && draw(2) == 0)) {
          const Offset offset = draw(6) == 0 ? none : Offset(draw(offsets));
          op.micro.push_back(send(key, offset, unique ? next_value_++ : draw(values)));
        } else {
          op.micro.push_back(poll(items(offsets, values)));
        }
      }
      op.seeks = op.f == "assign" && draw(6) == 0;
      if (op.f == "poll" || op.f == "txn") {
        if (draw(6) == 0) op.rebalanced.push_back(draw(2));
        op.rebalanced_all = draw(12) == 0;
      }
      out.push_back(op);
    }
    for (int process = 0; process < processes; ++process) {
      if (draw(4) != 0) continue;
      clock_ += 1;
      out.push_back({.invoked = clock_,
                     .unfinished = true,
                     .process = process,
                     .f = "send",
                     .micro = {send(draw(2), {}, draw(values))}});
    }
    return out;
  }

  // Transactions whose messages lie in each log in random order, and which poll runs of the whole
  // log: full of cycles.
  std::vector<Op> woven() {
    std::vector<Op> out;
    for (int n = 2 + draw(8); n > 0; --n) {
      clock_ += 1;
      Op op{.invoked = clock_, .completed = clock_ + 0.5, .process = n, .f = "txn"};
      op.type = std::array{"ok", "ok", "ok", "info", "fail"}[at(draw(5))];
      for (int count = 1 + draw(2); count > 0; --count) {
        op.micro.push_back(send(draw(3), {}, next_value_++));
      }
      out.push_back(op);
    }
    for (int key = 0; key < 3; ++key) {
      std::vector<Item*> log;
      for (Op& op : out) {
        for (auto& m : op.micro) {
          if (m.items.front().key == key) log.push_back(&m.items.front());
        }
      }
      for (std::size_t i = log.size(); i > 1; --i) {
        std::swap(log[i - 1], log[at(draw(static_cast<int>(i)))]);
      }
      for (std::size_t i = 0; i < log.size(); ++i) log[i]->offset = static_cast<std::int64_t>(i);
      std::vector<Item> all;
      for (const Item* item : log) all.push_back(*item);
      for (Op& op : out) {
        if (all.empty() || draw(3) != 0) continue;
        const std::size_t from = at(draw(static_cast<int>(all.size())));
        const std::size_t to = std::min(all.size(), from + at(1 + draw(2)));
        polls_.push_back({&op, poll({all.begin() + static_cast<std::ptrdiff_t>(from),
                                     all.begin() + static_cast<std::ptrdiff_t>(to)})});
      }
    }
    for (auto& [op, micro] : polls_) op->micro.push_back(micro);
    return out;
  }

 private:
  int draw(int below) {
    return boost::random::uniform_int_distribution<int>(0, below - 1)(random_);
  }
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }

  // Often a run of the log as it should be, sometimes anything.
  std::vector<Item> items(int offsets, int values) {
    std::vector<Item> out;
    const bool right = draw(3) != 0;
    const int key = draw(2);
    int offset = draw(offsets);
    for (int n = draw(5); n > 0; --n, ++offset) {
      Item item{right ? key : draw(2), right ? offset : draw(offsets),
                right ? offset + 1 : draw(values)};
      if (draw(12) == 0) item.offset.reset();
      out.push_back(item);
    }
    return out;
  }

  boost::random::mt19937 random_;
  double clock_ = 0;
  int next_value_ = 1;
  std::vector<std::pair<Op*, MicroOperation>> polls_;
};

// Every cycle found runs along edges that exist, each in a group of its own, and no group is left.
void compare_cycles(const std::string& name, const Reference& reference, const std::vector<Op>& ops,
                    const History& history, const Judgement& judgement) {
  auto groups = name == "G0" ? reference.g0() : reference.g1c();
  const auto found = judgement.anomalies.find(name);
  const std::size_t count = found == judgement.anomalies.end() ? 0 : found->second.kept().size();
  INFO(name);
  REQUIRE(count == groups.size());
  for (std::size_t f = 0; f < count; ++f) {
    const Finding& finding = found->second.kept()[f];
    std::vector<std::size_t> cycle;
    for (const Proof& proof : finding.operations) {
      for (std::size_t i = 0; i < ops.size(); ++i) {
        if (ops[i].index == history[proof.operation].index) cycle.push_back(i);
      }
    }
    const bool polls_only = name == "G1c" && finding.weight == Weight::violation;
    bool polled = false;
    for (std::size_t i = 0; i < cycle.size(); ++i) {
      const std::size_t next = cycle[(i + 1) % cycle.size()];
      CHECK(reference.edge(cycle[i], next, !polls_only, name == "G1c"));
      polled |= reference.edge(cycle[i], next, false, true);
    }
    if (name == "G1c") CHECK(polled);
    const auto erased = std::erase_if(groups, [&](const Reference::Group& group) {
      return group.weight == finding.weight && group.ops.contains(cycle.front());
    });
    CHECK(erased == 1);
  }
}

struct Totals {
  std::size_t findings = 0;
  std::map<std::string, std::size_t> by_name;
};

void compare(std::vector<Op> ops, Totals& totals) {
  const std::string jsonl = to_jsonl(ops);
  INFO(jsonl);
  const History history = read(jsonl);
  const Judgement judgement = judge(history, {.limit = 1'000'000, .lag = "1ns"});
  const Reference reference(ops);
  auto found = found_by(history, judgement);
  for (const auto& place : found) {
    const bool weak = place.starts_with("G1c informative");
    ++totals.by_name[weak ? "G1c informative" : place.substr(0, place.find(' '))];
  }
  totals.findings += found.size();
  std::erase_if(found, [](const auto& p) { return p.starts_with("G0 ") || p.starts_with("G1c "); });
  const auto must = reference.findings(1);
  INFO("reference:\n" << text_of(must) << "found:\n" << text_of(found));
  REQUIRE(found == must);
  compare_cycles("G0", reference, ops, history, judgement);
  compare_cycles("G1c", reference, ops, history, judgement);
}

TEST_CASE("the checkers agree with a slow reference on any small history", "[operations]") {
  Totals totals;
  for (int n = 0; n < histories; ++n) {
    INFO("seed " << n);
    Chaos chaos(static_cast<std::uint32_t>(n));
    compare(n % 5 == 0 ? chaos.woven() : chaos.ops(), totals);
  }
  std::printf("reference: %d broken histories, %zu findings, the same by both\n", histories,
              totals.findings);
  for (const auto& name : injectable()) {
    INFO(name);
    CHECK(totals.by_name[name] >= 20);
  }
  CHECK(totals.by_name["G1c informative"] >= 20);
}

TEST_CASE("the checkers agree with a slow reference on histories with injections", "[operations]") {
  Totals totals;
  for (std::uint32_t n = 0; n < 60; ++n) {
    Generator generator(10'000 + n, 8 + static_cast<int>(n % 20));
    for (std::size_t i = 0; i < 4; ++i) {
      static_cast<void>(generator.inject(injectable()[(n + i * 5) % injectable().size()]));
    }
    INFO("seed " << n);
    compare(generator.ops(), totals);
  }
}

}  // namespace
}  // namespace seatrial::operations::test
