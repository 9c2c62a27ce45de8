// Which cluster kind a scenario gets: the one it names, if this machine can run it, or for `auto`
// compose where that needs no image build, else local.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "core/result.hpp"

namespace seatrial::clusters {

struct Choice {
  std::string kind;    // of ClusterKinds
  std::string reason;  // for people and the record
  friend bool operator==(const Choice&, const Choice&) = default;
};

// Why no machine could run such a cluster of the kind that is named; `auto` takes another one then.
// Pure.
struct Impossible {
  std::vector<std::string> keys;  // they lead to it in the scenario
  std::string why;
};
std::optional<Impossible> impossible(const ClusterSpec& spec);

// The Error says why the kind cannot run here and what to do. May take seconds: engines and
// registries are asked.
Result<Choice> choose(const ClusterSpec& spec);

}  // namespace seatrial::clusters
