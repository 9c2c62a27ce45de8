// Implements core/cluster.hpp: the words for a process's state, and the table of cluster kinds.
#include "core/cluster.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace seatrial {

std::string to_string(const ProcessState& state) {
  const auto pid = " (pid " + std::to_string(state.host_pid) + ")";
  switch (state.kind) {
    case ProcessState::Kind::running: return "running" + pid;
    case ProcessState::Kind::paused: return "paused" + pid;
    case ProcessState::Kind::dying: return "dying" + pid;
    case ProcessState::Kind::exited:
      if (state.signal) return "killed by signal " + std::to_string(*state.signal);
      if (state.exit_code) return "exited with code " + std::to_string(*state.exit_code);
      return "exited";
    case ProcessState::Kind::absent: return "absent";
  }
  return "absent";
}

std::optional<Gear> not_offered(std::string_view kind, const std::set<Gear>& gear) {
  const auto* found = ClusterKinds::instance().find(kind);
  for (Gear each : gear) {
    if (found == nullptr || !found->gear.contains(each)) return each;
  }
  return std::nullopt;
}

ClusterKinds& ClusterKinds::instance() {
  static ClusterKinds kinds;
  return kinds;
}

void ClusterKinds::add(ClusterKind kind) {
  const auto at = std::lower_bound(kinds_.begin(), kinds_.end(), kind,
                                   [](const auto& a, const auto& b) { return a.name < b.name; });
  if (at != kinds_.end() && at->name == kind.name) {
    // Before main: there is nobody to catch an exception.
    std::fprintf(stderr, "seatrial: two cluster kinds are named '%s'\n", kind.name.c_str());
    std::abort();
  }
  kinds_.insert(at, std::move(kind));
}

const ClusterKind* ClusterKinds::find(std::string_view name) const {
  const auto at = std::find_if(kinds_.begin(), kinds_.end(),
                               [&](const auto& kind) { return kind.name == name; });
  return at == kinds_.end() ? nullptr : &*at;
}

}  // namespace seatrial
