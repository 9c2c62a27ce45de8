// Rights of a scenario's users, where brokers ask for them.
#pragma once

#include <stop_token>

#include "core/cluster.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "scenario/plan.hpp"

namespace seatrial::run {

// Where the cluster has an authorizer and users of its own, allows each of these everything on the
// plan's topics, and on all groups and transactional ids, by entries that a fault can take away.
// Returns when every broker that answers goes by them. Elsewhere does nothing.
Result<bool> grant_users(Cluster& cluster, const scenario::TrialPlan& plan, Instant deadline,
                         const std::stop_token& stop);

}  // namespace seatrial::run
