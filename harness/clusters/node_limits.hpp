// Limits of nodes that are processes here: a control group around each, from its first start to the
// end of the cluster. Containers too are taken into one: their engine's goes with each of their
// ends, and what the kernel had counted in it.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "clusters/control_group.hpp"
#include "clusters/process.hpp"
#include "core/limits.hpp"

namespace seatrial::clusters {

inline const std::set<Controller> all_limits{Controller::cpu, Controller::memory,
                                             Controller::freezer};

class NodeLimits final : public Limits {
 public:
  // `cores` that each node may use from its start on; 0: all there are. `controllers`: what is to
  // be limited; the calls for others throw.
  NodeLimits(std::string run_id, double cores, std::set<Controller> controllers)
      : run_id_(std::move(run_id)), cores_(cores), controllers_(std::move(controllers)) {}

  // To be told right after each start: before the process reads how many cores there are, or takes
  // memory that would be counted elsewhere.
  void started(NodeId node, const std::string& name, pid_t pid);
  // Lets all nodes go on, as before they are killed. What went wrong is not told here: they do not
  // end then.
  void thaw_all() noexcept;

  void limit_cpu(NodeId node, std::optional<double> cores) override;
  void limit_memory(NodeId node, std::optional<std::uint64_t> bytes) override;
  void crowd_memory(NodeId node, bool crowd) override;
  void freeze(NodeId node, bool frozen) override;
  [[nodiscard]] bool is_frozen(NodeId node) const override;
  [[nodiscard]] LimitCounters counted(NodeId node) const override;

 private:
  struct Entry {
    ControlGroup group;  // longer than the processes in it
    pid_t pid = 0;
    std::unique_ptr<Child> crowd{};
  };
  [[nodiscard]] const Entry& entry(NodeId node, Controller controller) const;  // under mutex_

  std::string run_id_;
  double cores_;
  std::set<Controller> controllers_;
  mutable std::mutex mutex_;
  std::map<NodeId, Entry> entries_;
};

}  // namespace seatrial::clusters
