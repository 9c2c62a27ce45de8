// A control group of the kernel, of either version: what the processes in it may use of CPU time
// and memory, that they stand still, and what the kernel counted of that. What is not in the group
// cannot be held by it.
//
// Groups are named by their run, so that those which a killed run left behind are found by name and
// go with `sweep_control_groups`; one with processes in it cannot be removed, so none is by
// mistake.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/limits.hpp"
#include "core/result.hpp"

namespace seatrial::clusters {

enum class Controller { cpu, memory, freezer };

// Where a system keeps its groups: version 1 has a tree for each controller, version 2 one for all.
// A controller that is in both is taken from where it works.
class GroupTrees {
 public:
  explicit GroupTrees(const std::filesystem::path& root = "/sys/fs/cgroup");

  struct Tree {
    std::filesystem::path folder;
    bool one_for_all = false;  // version 2
  };
  [[nodiscard]] const Tree* tree(Controller controller) const;  // null: there is none
  [[nodiscard]] std::set<std::filesystem::path> folders() const;
  // Why groups with these cannot be made here, or nothing.
  [[nodiscard]] std::optional<std::string> lacks(const std::set<Controller>& controllers) const;

 private:
  std::filesystem::path root_;
  std::map<Controller, Tree> trees_;
};

class ControlGroup {
 public:
  static Result<ControlGroup> make(const GroupTrees& trees, const std::string& run_id,
                                   const std::string& node,
                                   const std::set<Controller>& controllers);
  ~ControlGroup();  // removes it, if no process is left in it
  ControlGroup(ControlGroup&& other) noexcept;
  ControlGroup& operator=(ControlGroup&& other) noexcept;

  [[nodiscard]] const std::string& name() const { return name_; }

  // Each returns what went wrong, or nothing.
  //
  // The process with all its threads, and whatever they start.
  [[nodiscard]] std::optional<Error> put(pid_t pid) const;
  // So many cores, as containers are given them: of each 100 ms the group runs cores x 100 ms.
  // Nothing: all.
  [[nodiscard]] std::optional<Error> limit_cpu(std::optional<double> cores) const;
  [[nodiscard]] std::optional<Error> limit_memory(std::optional<std::uint64_t> bytes) const;
  [[nodiscard]] std::optional<Error> freeze(bool frozen) const;

  [[nodiscard]] bool is_frozen() const;  // all of it
  [[nodiscard]] LimitCounters counted() const;

 private:
  explicit ControlGroup(std::string name) : name_(std::move(name)) {}
  std::string name_;
  std::map<Controller, GroupTrees::Tree> groups_;  // empty once moved from
};

// Lets go on what a dead run left standing still: a frozen process does not end when it is killed.
void thaw_dead_groups(const GroupTrees& trees = GroupTrees());

// Removes the groups of dead runs. One line for each.
std::vector<std::string> sweep_control_groups(const GroupTrees& trees = GroupTrees());

}  // namespace seatrial::clusters
