// What lanes tell of themselves beyond the ledger (transactions, transforms, keys), brought into
// the trial's history; and the observers that read the log's side of it. Used by the trial once all
// lanes have ended.
#pragma once

#include <memory>
#include <stop_token>
#include <vector>

#include "core/history.hpp"
#include "core/log.hpp"
#include "kafka/access.hpp"
#include "run/lanes.hpp"

namespace seatrial::run {

// Also asks the coordinator where each transform's group stands, within `budget`; where that fails
// the history says so.
void add_client_history(const scenario::TrialPlan& plan, const Lanes& lanes,
                        const kafka::Access& access, nanoseconds budget,
                        const std::stop_token& stop, History& history);

// Of the lanes that wrote to each watched log: how long before its append a record may have been
// given its timestamp.
void set_timestamp_lag(const Lanes& lanes, History& history);

[[nodiscard]] std::vector<std::unique_ptr<LogObserver>> make_observers(const Lanes& lanes);
[[nodiscard]] std::vector<LogObserver*> pointers_to(
    const std::vector<std::unique_ptr<LogObserver>>& observers);

}  // namespace seatrial::run
