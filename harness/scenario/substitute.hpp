// `${axis}` and `${env:NAME}` in scalars. `$${` stands for a literal `${`.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "scenario/document.hpp"

namespace seatrial::scenario {

using Environment = std::function<std::optional<std::string>(const std::string&)>;

// What is put in, and what became known on the way.
struct Substitution {
  // Null: this part is the same for all trials.
  const std::map<std::string, std::string>* axes = nullptr;
  // False: the matrix is broken, which has been told; axes are then not judged.
  bool axes_known = true;
  // Axes of which a value came from the environment.
  std::set<std::string> secret_axes;
  Environment environment;
  // Out: axes that were put in; what the environment brought into properties:, config: and users:;
  // and whether it brought anything at all.
  std::set<std::string> used;
  std::vector<std::string> secrets;
  bool any_environment = false;
};

// A copy of `node` with everything put in. What cannot be is told, and its scalar marked
// unresolved.
Node substitute(const Node& node, Substitution& with, Problems& problems);

}  // namespace seatrial::scenario
