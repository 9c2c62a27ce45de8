// What rules make of a disk's operations, and what crosses the socket to its process.
#include "disks/conduct.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "disks/orders.hpp"
#include "support/catch.hpp"

namespace seatrial::disks {
namespace {

DiskRule slow_writes() {
  DiskRule rule;
  rule.operations = {DiskOperation::write};
  rule.by = milliseconds(10);
  return rule;
}

TEST_CASE("disks: a rule acts on its operations alone, until it is gone") {
  Conduct conduct;
  CHECK(conduct.decide(DiskOperation::write, 1).delay == nanoseconds{0});
  conduct.add(1, slow_writes());
  CHECK(conduct.decide(DiskOperation::read, 100).delay == nanoseconds{0});
  CHECK(conduct.decide(DiskOperation::write, 4096).delay == milliseconds(10));
  CHECK_FALSE(conduct.decide(DiskOperation::write, 4096).fails);
  DiskRule failing = slow_writes();
  failing.effect = DiskRule::Effect::fail;
  conduct.add(2, failing);
  conduct.add(3, slow_writes());
  const auto all = conduct.decide(DiskOperation::write, 1);
  CHECK(all.fails);
  CHECK(all.delay == milliseconds(20));
  CHECK(conduct.counted(1) == DiskRuleCounters{.operations = 3, .bytes = 8193});
  CHECK(conduct.counted(2) == DiskRuleCounters{.operations = 1, .bytes = 1});
  conduct.remove(1);
  conduct.remove(1);
  CHECK(conduct.removals() == 1);
  CHECK(conduct.decide(DiskOperation::write, 1).delay == milliseconds(10));
  CHECK(conduct.counted(1).operations == 3);
  CHECK(conduct.counted(99) == DiskRuleCounters{});
}

TEST_CASE("disks: delays are distributed as asked, and repeat with their seed") {
  const auto drawn = [](DiskRule::Spread spread, std::uint64_t seed) {
    Conduct conduct;
    DiskRule rule = slow_writes();
    rule.spread = spread;
    rule.seed = seed;
    conduct.add(1, rule);
    std::vector<double> out;
    for (int i = 0; i < 20'000; ++i)
      out.push_back(to_seconds(conduct.decide(DiskOperation::write, 1).delay) * 1000);
    return out;
  };
  const auto mean = [](const std::vector<double>& all) {
    double sum = 0;
    for (const double one : all) sum += one;
    return sum / static_cast<double>(all.size());
  };
  const auto uniform = drawn(DiskRule::Spread::uniform, 1);
  CHECK(mean(uniform) == Approx(10).epsilon(0.03));
  CHECK(*std::ranges::max_element(uniform) <= 20);
  CHECK(*std::ranges::max_element(uniform) > 19.9);
  const auto exponential = drawn(DiskRule::Spread::exponential, 1);
  CHECK(mean(exponential) == Approx(10).epsilon(0.03));
  CHECK(*std::ranges::max_element(exponential) > 60);
  CHECK(*std::ranges::max_element(exponential) <= 200);
  CHECK(drawn(DiskRule::Spread::exponential, 1) == exponential);
  CHECK(drawn(DiskRule::Spread::exponential, 2) != exponential);
}

TEST_CASE("disks: a rule with a probability acts on about so many") {
  Conduct conduct;
  DiskRule rule = slow_writes();
  rule.probability = 0.2;
  conduct.add(1, rule);
  for (int i = 0; i < 10'000; ++i) static_cast<void>(conduct.decide(DiskOperation::write, 1));
  CHECK(static_cast<double>(conduct.counted(1).operations) == Approx(2000).epsilon(0.1));
}

TEST_CASE("disks: a rule is the same on the other end of the socket") {
  DiskRule rule{.disk = {.node = NodeId(3), .dir = 2},
                .operations = {DiskOperation::read, DiskOperation::flush},
                .effect = DiskRule::Effect::fail,
                .by = nanoseconds(123'456'789),
                .spread = DiskRule::Spread::exponential,
                .probability = 0.125,
                .seed = UINT64_MAX};
  CHECK(rule_from_json(nlohmann::json::parse(rule_to_json(rule).dump())) == rule);
  CHECK(rule_from_json(rule_to_json(DiskRule{})) == DiskRule{});
}

}  // namespace
}  // namespace seatrial::disks
