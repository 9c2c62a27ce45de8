// What a load's generator and its machine did meanwhile: whether its latencies can be believed, and
// what held a closed loop up.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/time.hpp"
#include "core/view.hpp"

namespace seatrial::judge {

// Why a load was limited by its generator rather than by the cluster: lateness p99 above 10 % of
// response p99, and above 1 ms. Then no verdict on its latency is given. Nothing if it was not.
// Where lanes hand messages over later than they are due, by their own rule and at most by `wake`,
// lateness is what comes on top of that.
std::optional<std::string> generator_limit(std::int64_t lateness_p99_ns,
                                           std::int64_t response_p99_ns,
                                           std::uint64_t backpressure_ns,
                                           nanoseconds wake = nanoseconds(0));

// Why what else the machine did makes every latency of a trial doubtful: other processes used more
// than a fifth of a core, and more than a twentieth of all cores, or more than 2 % of the cores'
// time was stolen by other machines. Nothing if neither; what the system does not say is no reason.
std::optional<std::string> disturbance(std::optional<double> foreign_cores,
                                       std::optional<double> steal_share);

// The share of all cores' time that was taken so; 0 where that is no disturbance.
double disturbed_share(std::optional<double> foreign_cores, std::optional<double> steal_share);

// Of a trial's closed loops, why each was limited by its connections: its lanes waited for answers
// most of the time while no core of theirs, of the brokers' or of this machine was full. More lanes
// would then have found more. By workload; a note, and no verdict follows from it. Where the record
// does not tell what brokers or machine used, nothing is said.
std::map<std::string, std::string> connection_limits(const View& trial);

}  // namespace seatrial::judge
