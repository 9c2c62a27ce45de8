// Control groups by their files.
#include "clusters/control_group.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <sstream>
#include <utility>

#include "clusters/leftovers.hpp"
#include "core/file_text.hpp"
#include "core/numbers.hpp"
#include "core/scope_guard.hpp"
#include "core/units.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;
using Tree = GroupTrees::Tree;

constexpr std::string_view group_prefix = "seatrial.";
constexpr int period_us = 100'000;  // as container engines set it
constexpr int tries_to_limit = 50;  // what is in use changes between looking and limiting
constexpr std::array all_controllers{Controller::cpu, Controller::memory, Controller::freezer};

const char* name_of(Controller controller) {
  switch (controller) {
    case Controller::cpu: return "cpu";
    case Controller::memory: return "memory";
    case Controller::freezer: return "freezer";
  }
  return "";
}

// What version 1 has in the folder of a controller that is mounted there.
const char* sign_of(Controller controller) {
  switch (controller) {
    case Controller::cpu: return "cpu.cfs_quota_us";
    case Controller::memory: return "memory.limit_in_bytes";
    case Controller::freezer: return "cgroup.procs";
  }
  return "";
}

bool has_word(const fs::path& file, const std::string& wanted) {
  std::istringstream words(file_text(file).value_or(""));
  for (std::string word; words >> word;) {
    if (word == wanted) return true;
  }
  return false;
}

// Such files take a write as a whole or refuse it: the error's number, or 0.
int try_write(const fs::path& file, const std::string& text) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  if (fd < 0) return errno;
  const ScopeGuard closing([fd]() noexcept { ::close(fd); });
  return ::write(fd, text.data(), text.size()) < 0 ? errno : 0;
}

std::optional<Error> write_into(const fs::path& file, const std::string& text) {
  const int failed = try_write(file, text);
  if (failed == 0) return std::nullopt;
  return Error{"cannot write " + text + " to " + file.string() + ": " + std::strerror(failed), ""};
}

std::uint64_t number_in_file(const fs::path& file) {
  std::string text = file_text(file).value_or("");
  while (text.ends_with('\n')) text.pop_back();
  return parse_unsigned(text).value_or(0);
}

// Of a file of lines `name number`.
std::uint64_t entry_in(const fs::path& file, std::string_view name) {
  std::istringstream lines(file_text(file).value_or(""));
  std::string key, value;
  while (lines >> key >> value) {
    if (key == name) return parse_unsigned(value).value_or(0);
  }
  return 0;
}

void remove_group(const fs::path& group) noexcept {
  // The kernel empties a group a moment after its last process was reaped.
  for (int attempt = 0; attempt < 50; ++attempt) {
    if (::rmdir(group.c_str()) == 0 || errno != EBUSY) return;
    ::usleep(2000);
  }
}

std::optional<Error> set_frozen(const Tree& group, bool frozen) {
  if (group.one_for_all) return write_into(group.folder / "cgroup.freeze", frozen ? "1" : "0");
  return write_into(group.folder / "freezer.state", frozen ? "FROZEN" : "THAWED");
}

// Else a group at its limit would fill the swap space before it is held to anything.
std::optional<Error> forbid_swap(const Tree& group) {
  const fs::path file =
      group.folder / (group.one_for_all ? "memory.swap.max" : "memory.swappiness");
  std::error_code absent;  // without swap space the kernel may not have the file
  if (!fs::exists(file, absent)) return std::nullopt;
  return write_into(file, "0");
}

struct DeadGroup {
  Tree place;
  std::string name;
};

// A group is `seatrial.RUN.NODE`.
std::vector<DeadGroup> dead_groups(const GroupTrees& trees, Controller controller) {
  std::vector<DeadGroup> out;
  const Tree* tree = trees.tree(controller);
  if (tree == nullptr) return out;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(tree->folder, failure)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(group_prefix)) continue;
    const auto last = name.rfind('.');
    if (last < group_prefix.size()) continue;
    if (run_is_alive(name.substr(group_prefix.size(), last - group_prefix.size()))) continue;
    out.push_back({{entry.path(), tree->one_for_all}, name});
  }
  return out;
}

}  // namespace

GroupTrees::GroupTrees(const fs::path& root) : root_(root) {
  std::error_code absent;
  // Beside trees of version 1, that of version 2 lies a folder deeper.
  const fs::path shared = fs::exists(root / "cgroup.controllers", absent) ? root : root / "unified";
  const bool has_shared = fs::exists(shared / "cgroup.controllers", absent);
  for (const Controller each : all_controllers) {
    const fs::path own = root / name_of(each);
    if (fs::exists(own / sign_of(each), absent)) {
      trees_[each] = {own, false};
      continue;
    }
    // Every group of version 2 can be frozen; the others are handed down by the topmost one.
    const bool works =
        each == Controller::freezer || has_word(shared / "cgroup.subtree_control", name_of(each));
    if (has_shared && works) trees_[each] = {shared, true};
  }
}

const Tree* GroupTrees::tree(Controller controller) const {
  const auto found = trees_.find(controller);
  return found == trees_.end() ? nullptr : &found->second;
}

std::set<fs::path> GroupTrees::folders() const {
  std::set<fs::path> out;
  for (const auto& [controller, tree] : trees_) out.insert(tree.folder);
  return out;
}

std::optional<std::string> GroupTrees::lacks(const std::set<Controller>& controllers) const {
  for (const Controller each : controllers) {
    if (!trees_.contains(each)) {
      return std::string("this system's control groups have no ") + name_of(each) +
             " controller (" + root_.string() + ")";
    }
  }
  for (const Controller each : controllers) {
    const fs::path& folder = trees_.at(each).folder;
    if (::access(folder.c_str(), W_OK) != 0)
      return "control groups can be made by root alone (" + folder.string() + ")";
  }
  return std::nullopt;
}

Result<ControlGroup> ControlGroup::make(const GroupTrees& trees, const std::string& run_id,
                                        const std::string& node,
                                        const std::set<Controller>& controllers) {
  ControlGroup out(std::string(group_prefix) + run_id + "." + node);
  for (const Controller each : controllers) {
    const Tree* tree = trees.tree(each);
    if (tree == nullptr) return Error{trees.lacks(controllers).value_or(""), ""};
    const fs::path folder = tree->folder / out.name_;
    std::error_code failure;
    fs::create_directory(folder, failure);
    if (failure) {
      return Error{"cannot make " + folder.string() + ": " + failure.message(),
                   "only root may make control groups"};
    }
    out.groups_[each] = {folder, tree->one_for_all};
    if (each != Controller::memory) continue;
    if (auto failed = forbid_swap(out.groups_[each])) return *failed;
  }
  return out;
}

ControlGroup::~ControlGroup() {
  std::set<fs::path> folders;
  for (const auto& [controller, group] : groups_) folders.insert(group.folder);
  for (const auto& folder : folders) remove_group(folder);
}

ControlGroup::ControlGroup(ControlGroup&& other) noexcept
    : name_(std::move(other.name_)), groups_(std::exchange(other.groups_, {})) {}

ControlGroup& ControlGroup::operator=(ControlGroup&& other) noexcept {
  std::swap(name_, other.name_);
  std::swap(groups_, other.groups_);
  return *this;
}

std::optional<Error> ControlGroup::put(pid_t pid) const {
  for (const auto& [controller, group] : groups_) {
    if (auto failed = write_into(group.folder / "cgroup.procs", std::to_string(pid))) return failed;
  }
  return std::nullopt;
}

std::optional<Error> ControlGroup::limit_cpu(std::optional<double> cores) const {
  const Tree& group = groups_.at(Controller::cpu);
  const std::string period = std::to_string(period_us);
  const std::string quota = cores ? std::to_string(std::llround(*cores * period_us)) : "";
  if (group.one_for_all)
    return write_into(group.folder / "cpu.max", (cores ? quota : "max") + " " + period);
  if (auto failed = write_into(group.folder / "cpu.cfs_period_us", period)) return failed;
  return write_into(group.folder / "cpu.cfs_quota_us", cores ? quota : "-1");
}

std::optional<Error> ControlGroup::limit_memory(std::optional<std::uint64_t> bytes) const {
  const Tree& group = groups_.at(Controller::memory);
  const fs::path file = group.folder / (group.one_for_all ? "memory.max" : "memory.limit_in_bytes");
  const std::string none = group.one_for_all ? "max" : "-1";
  const std::string text = bytes ? std::to_string(*bytes) : none;
  if (!bytes || group.one_for_all) return write_into(file, text);
  // Where it cannot take back enough, version 1 refuses, and 2 ends processes: so here what is left
  // in use becomes the limit, and the group may want no more.
  int failed = try_write(file, text);
  for (int again = 0; failed == EBUSY && again < tries_to_limit; ++again)
    failed = try_write(file, std::to_string(std::max(*bytes, counted().memory_bytes)));
  return failed == 0 ? std::nullopt : write_into(file, text);
}

std::optional<Error> ControlGroup::freeze(bool frozen) const {
  return set_frozen(groups_.at(Controller::freezer), frozen);
}

bool ControlGroup::is_frozen() const {
  const auto found = groups_.find(Controller::freezer);
  if (found == groups_.end()) return false;
  const Tree& group = found->second;
  if (group.one_for_all) return entry_in(group.folder / "cgroup.events", "frozen") == 1;
  return has_word(group.folder / "freezer.state", "FROZEN");
}

LimitCounters ControlGroup::counted() const {
  LimitCounters out;
  if (const auto cpu = groups_.find(Controller::cpu); cpu != groups_.end()) {
    const fs::path stat = cpu->second.folder / "cpu.stat";
    out.periods = entry_in(stat, "nr_periods");
    out.throttled = entry_in(stat, "nr_throttled");
    const auto ns = cpu->second.one_for_all ? entry_in(stat, "throttled_usec") * 1000
                                            : entry_in(stat, "throttled_time");
    out.held_back = nanoseconds(static_cast<std::int64_t>(ns));
  }
  if (const auto memory = groups_.find(Controller::memory); memory != groups_.end()) {
    const auto& [folder, one_for_all] = memory->second;
    const fs::path events = folder / (one_for_all ? "memory.events" : "memory.oom_control");
    out.memory_bytes =
        number_in_file(folder / (one_for_all ? "memory.current" : "memory.usage_in_bytes"));
    out.at_limit =
        one_for_all ? entry_in(events, "max") : number_in_file(folder / "memory.failcnt");
    out.oom_kills = entry_in(events, "oom_kill");
  }
  return out;
}

void thaw_dead_groups(const GroupTrees& trees) {
  for (const DeadGroup& group : dead_groups(trees, Controller::freezer))
    static_cast<void>(set_frozen(group.place, false));  // what cannot be thawed is told as left
}

std::vector<std::string> sweep_control_groups(const GroupTrees& trees) {
  std::set<std::string> removed;
  for (const Controller each : all_controllers) {
    for (const DeadGroup& group : dead_groups(trees, each)) {
      remove_group(group.place.folder);
      std::error_code ignored;
      if (!fs::exists(group.place.folder, ignored)) removed.insert("control group " + group.name);
    }
  }
  return {removed.begin(), removed.end()};
}

}  // namespace seatrial::clusters
