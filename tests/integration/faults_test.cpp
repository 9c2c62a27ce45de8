// A sample of the faults on real brokers (tests/matrix has all, and those of containers): each
// action once, and each kind of target that is found rather than drawn.
#include "support/fault_rounds.hpp"

namespace seatrial::run {
namespace {

TEST_CASE("each fault takes effect and is healed on a local cluster") {
  try_rounds("local", {{plan_of("pause", "leader(orders/0)", {})},
                       {plan_of("kill", "follower(orders/0)", {})},
                       {plan_of("restart", "controller", {})},
                       {plan_of("stop", "majority", {NodeId(1), NodeId(3)})}});
}

}  // namespace
}  // namespace seatrial::run
