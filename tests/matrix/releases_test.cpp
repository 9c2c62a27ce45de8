// Every release that a scenario may name at an end of its range, and the one that it gets by
// default.
#include "scenario/tables.hpp"
#include "support/cluster_behaviour.hpp"

namespace seatrial {
namespace {

TEST_CASE("the oldest release starts") {
  behaviour::start_release(std::string(scenario::oldest_kafka));
}

TEST_CASE("the default release starts") { behaviour::start_release(ClusterSpec().version); }

TEST_CASE("the newest release starts") { behaviour::start_release("4.4.0"); }

}  // namespace
}  // namespace seatrial
