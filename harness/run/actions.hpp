// Which faults can be done on which kind of cluster here, for `seatrial doctor`: each action with
// yes, or no and why.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/cluster.hpp"

namespace seatrial::run {

struct Action {
  std::string fault;
  std::string help;
  struct On {
    std::string kind;
    std::string why_not;  // empty: it can be done
  };
  std::vector<On> kinds;  // in name order
};

// Why this machine cannot run the kind; nothing if it can.
using AskKind = std::function<std::optional<std::string>(const ClusterKind&)>;
// Asks the kind itself, about a cluster as it is by default. May take seconds.
[[nodiscard]] std::optional<std::string> why_unavailable(const ClusterKind& kind);

[[nodiscard]] std::vector<Action> list_actions(const AskKind& unavailable);

// [{"fault": "kill", "kinds": [{"kind": "mock", "can": false, "why": "..."}]}]
nlohmann::json actions_to_json(const std::vector<Action>& actions);
std::string actions_to_text(const std::vector<Action>& actions);  // for a terminal

}  // namespace seatrial::run
