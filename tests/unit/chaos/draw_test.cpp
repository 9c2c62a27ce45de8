// What is drawn stays within what replication tolerates, differs by seed, and covers what it may.
#include "chaos/draw.hpp"

#include <set>

#include "support/catch.hpp"

namespace seatrial::chaos {
namespace {

Setting setting() {
  return {.every = seconds(10),
          .measure = seconds(120),
          .shortest = milliseconds(500),
          .longest = seconds(4),
          .grace = seconds(3),
          .faults = {{.fault = "kill", .weight = 3}, {.fault = "pause", .weight = 1}},
          .roles = {Target::Kind::broker, Target::Kind::leader, Target::Kind::follower},
          .partitions = {{"orders", 0}, {"orders", 1}},
          .followers = 2,
          .brokers = 3,
          .controllers = 1,
          .tolerated = 1};
}

std::vector<Drawn> drawn(const Setting& setting, std::uint64_t seed) {
  Seen seen;
  return draw(setting, seen, seed);
}

// By looking at every millisecond, which the model does not.
int most_away(const Setting& setting, const std::vector<Drawn>& all) {
  int most = 0;
  for (nanoseconds t{0}; t < setting.measure; t += milliseconds(50)) {
    int away = 0;
    for (const Drawn& one : all) {
      const bool held = t >= one.at && t < one.at + one.heal_after + setting.grace;
      away += held ? (one.target.kind == Target::Kind::followers ? setting.followers : 1) : 0;
    }
    most = std::max(most, away);
  }
  return most;
}

TEST_CASE("no more is broken at once than replication tolerates") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto all = drawn(setting(), seed);
    CHECK(most_away(setting(), all) <= 1);
    for (std::size_t i = 0; i < all.size(); ++i) {
      CHECK(all[i].heal_after >= milliseconds(500));
      CHECK(all[i].heal_after <= seconds(4));
      CHECK(all[i].at + all[i].heal_after <= seconds(120));
      if (i > 0) CHECK(all[i - 1].at <= all[i].at);
    }
  }
}

TEST_CASE("beyond tolerance more is broken at once, and never the same node twice") {
  Setting beyond = setting();
  beyond.beyond = true;
  beyond.roles.push_back(Target::Kind::followers);
  int together = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto all = drawn(beyond, seed);
    if (most_away(beyond, all) > 1) ++together;
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (std::size_t j = i + 1; j < all.size(); ++j) {
        if (all[j].at >= all[i].at + all[i].heal_after) continue;
        const bool brokers = all[i].target.kind == Target::Kind::broker &&
                             all[j].target.kind == Target::Kind::broker;
        if (brokers) CHECK(all[i].target.node != all[j].target.node);
        else {
          CHECK(all[j].target.kind == Target::Kind::leader);
          CHECK(all[j].target.where == all[i].target.where);
        }
      }
    }
  }
  CHECK(together > 50);
}

TEST_CASE("nobody is looked for while all brokers may be away") {
  Setting beyond = setting();
  beyond.beyond = true;
  beyond.roles = {Target::Kind::leader, Target::Kind::followers};
  int pairs = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto all = drawn(beyond, seed);
    for (const Drawn& one : all) {
      int away = 0;
      for (const Drawn& other : all) {
        const bool held = other.at <= one.at && one.at < other.at + other.heal_after + beyond.grace;
        if (held && !(other == one))
          away += other.target.kind == Target::Kind::followers ? beyond.followers : 1;
      }
      CHECK(away < beyond.brokers);
      pairs += away == beyond.followers ? 1 : 0;
    }
  }
  CHECK(pairs > 20);  // leaders hit while their followers were held
}

TEST_CASE("the seed decides, and a quarter of the periods is quiet") {
  CHECK(drawn(setting(), 7) == drawn(setting(), 7));
  CHECK(drawn(setting(), 7) != drawn(setting(), 8));
  Setting calm = setting();
  calm.grace = nanoseconds{0};
  int busy = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    std::set<std::int64_t> periods;
    for (const Drawn& one : drawn(calm, seed)) periods.insert(one.at / calm.every);
    busy += static_cast<int>(periods.size());
    CHECK(periods.size() <= 9);
  }
  CHECK(busy > 850);  // of 900
}

TEST_CASE("what was seen often is drawn less often") {
  Setting even = setting();
  even.faults = {{.fault = "kill"}, {.fault = "pause"}};
  std::map<std::string, int> counted;
  Seen seen;
  for (std::uint64_t trial = 0; trial < 20; ++trial) {
    for (const Drawn& one : draw(even, seen, trial)) ++counted[one.fault];
  }
  CHECK(seen.size() == 6);  // two faults on three roles
  for (const auto& [pair, times] : seen) CHECK(times > 5);
  CHECK(std::abs(counted["kill"] - counted["pause"]) < 12);
}

TEST_CASE("acks are demanded while no more is broken, and was not a moment ago") {
  const Setting one = setting();
  const Drawn kill{.fault = "kill",
                   .target = *parse_target("broker(1)"),
                   .at = seconds(10),
                   .heal_after = seconds(5)};
  Drawn second = kill;
  second.target = *parse_target("broker(2)");
  second.at = seconds(12);
  CHECK(demanding_spans(one, {}) == std::vector<Span>{{nanoseconds{0}, seconds(120)}});
  CHECK(demanding_spans(one, {kill}) == std::vector<Span>{{nanoseconds{0}, seconds(120)}});
  // Both are away from 12 s until the first is whole again, at 10 + 5 + 3 s.
  CHECK(demanding_spans(one, {kill, second}) ==
        std::vector<Span>{{nanoseconds{0}, seconds(12)}, {seconds(18), seconds(120)}});
}

TEST_CASE("nothing is drawn where nothing may be") {
  Setting nothing = setting();
  nothing.tolerated = 0;
  CHECK(drawn(nothing, 1).empty());
  nothing = setting();
  nothing.faults.clear();
  CHECK(drawn(nothing, 1).empty());
  Setting administered = setting();
  administered.tolerated = 0;
  administered.faults = {{.fault = "elect", .weight = 1, .acts_on_nodes = false}};
  CHECK_FALSE(drawn(administered, 1).empty());
}

}  // namespace
}  // namespace seatrial::chaos
