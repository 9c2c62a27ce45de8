// The canary: one message produced with acks=all and consumed by a group, as proof that a cluster
// takes and gives messages before a trial begins. Never part of what a trial measures or audits.
#pragma once

#include <stop_token>
#include <string>

#include "core/result.hpp"
#include "core/time.hpp"
#include "kafka/admin.hpp"

namespace seatrial::kafka {

// Returns when every in-sync replica has the message.
Result<Done> produce_canary(const Access& access, const std::string& topic, Instant deadline,
                            const std::stop_token& stop);

// Joins a group of its own and returns when the canary has been read: the group coordinator works
// too.
Result<Done> consume_canary(const Access& access, const std::string& topic, Instant deadline,
                            const std::stop_token& stop);

}  // namespace seatrial::kafka
