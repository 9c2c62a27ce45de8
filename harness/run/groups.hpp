// The consumer groups of a trial, between its lanes and its audit: what they were handed becomes
// part of the history, and what they passed over is given to the audit to look into.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "core/history.hpp"
#include "kafka/access.hpp"
#include "ledger/audit.hpp"
#include "run/lanes.hpp"

namespace seatrial::run {

// Fills history.groups, in the order of workloads. Asks each group's coordinator for what it holds,
// so all members must have left; where it does not answer, the members' last commits count instead
// and a note of the first lane says so.
void collect_groups(Lanes& lanes, const kafka::Access& access, History& history,
                    const std::stop_token& stop);

// What the ledger and the groups know and the audit needs, once it knows its partitions.
void prepare_audit(const Lanes& lanes, const History& history, ledger::Audit& audit);

// After the audit: which groups had read each partition to its end. A group under read_committed
// can read no further than the last stable offset.
void confirm_ends(History& history);

}  // namespace seatrial::run
