// A control group for each node.
#include "clusters/node_limits.hpp"

#include <fstream>

#include "clusters/leftovers.hpp"
#include "core/check.hpp"
#include "core/target.hpp"

namespace seatrial::clusters {
namespace {

void require(const std::string& whom, const std::optional<Error>& failed) {
  if (!failed) return;
  throw InfrastructureError(whom + ": " + failed->message +
                            (failed->hint.empty() ? "" : "; " + failed->hint));
}

// Waits until it has been put into the group, and then keeps all that it reads, which has no end.
std::string eater_script(const std::string& group) {
  return "until grep -qF '/" + group +
         "' /proc/self/cgroup; do sleep 0.01; done; exec tail -n 1 /dev/zero";
}

}  // namespace

void NodeLimits::started(NodeId node, const std::string& name, pid_t pid) {
  const std::lock_guard lock(mutex_);
  auto found = entries_.find(node);
  if (found == entries_.end()) {
    auto made = ControlGroup::make(GroupTrees(), run_id_, name, controllers_);
    if (!made) require(name, made.error());
    if (cores_ > 0) require(name, made->limit_cpu(cores_));
    found = entries_.emplace(node, Entry{.group = std::move(*made)}).first;
  }
  found->second.pid = pid;
  require(name, found->second.group.put(pid));
}

const NodeLimits::Entry& NodeLimits::entry(NodeId node, Controller controller) const {
  const auto found = entries_.find(node);
  if (found == entries_.end() || !controllers_.contains(controller))
    throw InfrastructureError(node_text(node) + " has no such limit");
  return found->second;
}

void NodeLimits::thaw_all() noexcept {
  const std::lock_guard lock(mutex_);
  if (!controllers_.contains(Controller::freezer)) return;
  for (const auto& [node, each] : entries_) {
    try {
      static_cast<void>(each.group.freeze(false));
    } catch (const std::exception&) {  // for want of memory
    }
  }
}

void NodeLimits::limit_cpu(NodeId node, std::optional<double> cores) {
  const std::lock_guard lock(mutex_);
  if (!cores && cores_ > 0) cores = cores_;
  require(node_text(node), entry(node, Controller::cpu).group.limit_cpu(cores));
}

void NodeLimits::limit_memory(NodeId node, std::optional<std::uint64_t> bytes) {
  const std::lock_guard lock(mutex_);
  require(node_text(node), entry(node, Controller::memory).group.limit_memory(bytes));
}

void NodeLimits::crowd_memory(NodeId node, bool crowd) {
  const std::lock_guard lock(mutex_);
  const auto& known = entry(node, Controller::memory);
  auto& eater = entries_.at(node).crowd;
  eater.reset();
  if (!crowd) return;
  // Of all that may be ended, the kernel takes this first.
  std::ofstream score("/proc/" + std::to_string(known.pid) + "/oom_score_adj");
  if (!(score << 1000 << std::flush))
    throw InfrastructureError(node_text(node) + ": cannot have the kernel end it first");
  auto made = Child::spawn({.argv = {"/bin/sh", "-c", eater_script(known.group.name())},
                            .env = {{run_variable, run_id_}},
                            .cwd = "/",
                            .output = "/dev/null"});
  if (!made) require(node_text(node), made.error());
  require(node_text(node), known.group.put((*made)->pid()));
  eater = std::move(*made);
}

void NodeLimits::freeze(NodeId node, bool frozen) {
  const std::lock_guard lock(mutex_);
  require(node_text(node), entry(node, Controller::freezer).group.freeze(frozen));
}

bool NodeLimits::is_frozen(NodeId node) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(node);
  return found != entries_.end() && found->second.group.is_frozen();
}

LimitCounters NodeLimits::counted(NodeId node) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(node);
  return found == entries_.end() ? LimitCounters{} : found->second.group.counted();
}

}  // namespace seatrial::clusters
