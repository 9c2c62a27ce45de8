// Drawing delays, and counting.
#include "disks/conduct.hpp"

#include <algorithm>
#include <cmath>

#include "core/mix.hpp"

namespace seatrial::disks {
namespace {

// Evenly from 0 to 1, without 1. Two for each operation: whether, and how long.
double draw(std::uint64_t seed, std::uint64_t number) {
  return static_cast<double>(mix(seed + golden_gamma * (number + 1)) >> 11) * 0x1p-53;
}

nanoseconds delay_of(const DiskRule& rule, double drawn) {
  const auto times = [&](double factor) {
    return nanoseconds(std::llround(static_cast<double>(rule.by.count()) * factor));
  };
  switch (rule.spread) {
    case DiskRule::Spread::fixed: return rule.by;
    case DiskRule::Spread::uniform: return times(2 * drawn);
    case DiskRule::Spread::exponential: return times(std::min(-std::log1p(-drawn), 20.0));
  }
  return rule.by;
}

}  // namespace

void Conduct::add(Disks::RuleId id, const DiskRule& rule) {
  entries_.insert_or_assign(id, Entry{.rule = rule, .counters = {}});
}

void Conduct::remove(Disks::RuleId id) {
  const auto at = entries_.find(id);
  if (at == entries_.end() || !at->second.in_force) return;
  at->second.in_force = false;
  ++removals_;
}

DiskRuleCounters Conduct::counted(Disks::RuleId id) const {
  const auto at = entries_.find(id);
  return at == entries_.end() ? DiskRuleCounters{} : at->second.counters;
}

Conduct::Decision Conduct::decide(DiskOperation operation, std::uint64_t bytes) {
  Decision out;
  for (auto& [id, entry] : entries_) {
    const DiskRule& rule = entry.rule;
    if (!entry.in_force || !rule.operations.contains(operation)) continue;
    const std::uint64_t number = 2 * entry.asked++;
    if (draw(rule.seed, number) >= rule.probability) continue;
    if (rule.effect == DiskRule::Effect::fail) out.fails = true;
    else out.delay += delay_of(rule, draw(rule.seed, number + 1));
    ++entry.counters.operations;
    entry.counters.bytes += bytes;
  }
  return out;
}

}  // namespace seatrial::disks
