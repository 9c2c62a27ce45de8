// What rules make of each operation of one disk, and what each of them did so far. Draws come from
// the rule's seed and from how many operations it was asked about, so they repeat. Pure; not
// thread-safe.
#pragma once

#include <cstdint>
#include <map>

#include "core/disks.hpp"

namespace seatrial::disks {

class Conduct {
 public:
  void add(Disks::RuleId id, const DiskRule& rule);
  void remove(Disks::RuleId id);  // its counters stay
  [[nodiscard]] DiskRuleCounters counted(Disks::RuleId id) const;
  // How often a rule was taken away: what waits by one need not wait on.
  [[nodiscard]] std::uint64_t removals() const { return removals_; }

  struct Decision {
    nanoseconds delay{0};  // of all rules together
    bool fails = false;
  };
  Decision decide(DiskOperation operation, std::uint64_t bytes);

 private:
  struct Entry {
    DiskRule rule;
    bool in_force = true;
    std::uint64_t asked = 0;
    DiskRuleCounters counters;
  };
  std::map<Disks::RuleId, Entry> entries_;
  std::uint64_t removals_ = 0;
};

}  // namespace seatrial::disks
