// From a node's id to the lane whose process it is.
#include "workers/members.hpp"

#include "core/check.hpp"

namespace seatrial::workers {

WorkerLane& Members::lane(NodeId node) const {
  const auto it = lanes_.find(node);
  check(it != lanes_.end(), "the plan names only members that there are");
  return *it->second;
}

}  // namespace seatrial::workers
