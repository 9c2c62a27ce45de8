// The steps that faults on broker processes share: ask, then read back until the effect is there.
// A state is read every millisecond; nothing is assumed to have worked because a call returned.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/fault.hpp"
#include "core/target.hpp"
#include "faults/steps.hpp"

namespace seatrial::faults {

using StatePredicate = std::function<bool(const ProcessState&)>;

// The cluster's processes, or FaultIneffective: the plan has refused such clusters before.
Processes& processes_of(Cluster& cluster);

// Appends one entry per target with its state before; throws FaultIneffective if a target is not
// running.
void note_running(Processes& processes, const std::vector<NodeId>& targets, Evidence& evidence);

// Sends `signal` to every node of the evidence, so that they are hit as close together as possible,
// then waits until each is as `reached` demands. Throws FaultIneffective, naming the first that
// never was.
void signal_and_await(Processes& processes, Signal signal, const StatePredicate& reached,
                      const std::string& expected, milliseconds budget, Evidence& evidence);

// Waits until a node that was told to end has ended; after `patience` it is killed, since a broker
// without a controller can hang in its shutdown for minutes. Throws FaultIneffective if even that
// fails.
void await_end(Processes& processes, milliseconds patience, NodeEvidence& entry,
               const std::stop_token& stop);

// Waits for one node; from a stop on a few seconds at most, which is time enough for a signal to
// have its effect. Returns the last state read, reached or not.
ProcessState await(const Processes& processes, NodeId node, const StatePredicate& reached,
                   milliseconds budget, const std::stop_token& stop);

// Starts a node that was told to end and has ended: its effect is a new process. Throws
// FaultIneffective if there is none.
void start_anew(Processes& processes, NodeEvidence& entry, const std::stop_token& stop);

// Starts every node of the evidence that is not running; returns what could not be done, a line
// each.
std::vector<std::string> start_again(Cluster& cluster, Evidence& evidence) noexcept;

bool has_exited(const ProcessState& state);

}  // namespace seatrial::faults
