// What each workload has done second by second, in the terms of judge/steady.hpp: read off the
// lanes' counters every few milliseconds, since a backlog that comes and goes within a second (of
// bursts, of transactions) is none. The trial's thread only.
#pragma once

#include <vector>

#include "judge/steady.hpp"
#include "run/lanes.hpp"

namespace seatrial::run {

class WorkMeter {
 public:
  // Keeps both; `series` are the workloads', in the lanes' order.
  WorkMeter(const Lanes& lanes, const std::vector<measure::Series>& series);

  // Nothing before the lanes were let go.
  void look();
  // In the order of Lanes::workloads().
  [[nodiscard]] const std::vector<judge::Load>& loads() const { return loads_; }

 private:
  [[nodiscard]] judge::Work work_of(std::size_t workload, Instant at) const;
  [[nodiscard]] std::uint64_t due_of(const WorkloadRun& run, Instant at) const;
  [[nodiscard]] std::uint64_t produced(const std::string& topic) const;

  const Lanes& lanes_;
  std::vector<judge::Load> loads_;
  std::vector<bool> comparable_;  // of those that read: whether they are given all that is acked
};

}  // namespace seatrial::run
