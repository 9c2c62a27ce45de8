// Asking processes for something and reading back that it happened.
#include "faults/node_actions.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace seatrial::faults {
namespace {

// A process that executes nothing any more has had its effect; how it ended is told later.
void await_seen(const Processes& processes, const StatePredicate& reached, milliseconds budget,
                NodeEvidence& entry, const std::stop_token& stop) {
  const auto effect = [&](const ProcessState& state) {
    return reached(state) || state.kind == ProcessState::Kind::dying;
  };
  entry.after = await(processes, entry.node, effect, budget, stop);
  entry.seen = now();
  if (entry.after.kind == ProcessState::Kind::dying)
    entry.after = await(processes, entry.node, reached, budget, stop);
}

}  // namespace

Processes& processes_of(Cluster& cluster) {
  Processes* processes = cluster.processes();
  if (processes == nullptr) {
    throw FaultIneffective("a cluster of kind '" + cluster.kind() + "' has no processes to act on");
  }
  return *processes;
}

bool has_exited(const ProcessState& state) { return state.kind == ProcessState::Kind::exited; }

void note_running(Processes& processes, const std::vector<NodeId>& targets, Evidence& evidence) {
  if (targets.empty()) throw FaultIneffective("the target resolved to no node");
  for (NodeId node : targets) {
    const ProcessState before = processes.state(node);
    evidence.nodes.push_back(
        {.node = node, .asked = now(), .seen = {}, .before = before, .after = before});
    if (before.kind != ProcessState::Kind::running && before.kind != ProcessState::Kind::paused) {
      throw FaultIneffective(node_text(node) + " was not running but " + to_string(before));
    }
  }
}

ProcessState await(const Processes& processes, NodeId node, const StatePredicate& reached,
                   milliseconds budget, const std::stop_token& stop) {
  ProcessState state;
  const auto came = [&] {
    state = processes.state(node);
    return reached(state);
  };
  static_cast<void>(await_that(came, {.budget = budget, .after_stop = stop_grace}, stop));
  return state;
}

void signal_and_await(Processes& processes, Signal signal, const StatePredicate& reached,
                      const std::string& expected, milliseconds budget, Evidence& evidence) {
  for (auto& entry : evidence.nodes) {
    entry.asked = now();
    processes.signal(entry.node, signal);
  }
  for (auto& entry : evidence.nodes) {
    await_seen(processes, reached, budget, entry, evidence.stop);
    if (!reached(entry.after)) {
      throw FaultIneffective(node_text(entry.node) + " should be " + expected + " but is " +
                             to_string(entry.after));
    }
  }
}

void await_end(Processes& processes, milliseconds patience, NodeEvidence& entry,
               const std::stop_token& stop) {
  await_seen(processes, has_exited, patience, entry, stop);
  if (!has_exited(entry.after)) {
    if (entry.after.kind != ProcessState::Kind::dying) processes.signal(entry.node, Signal::kill);
    await_seen(processes, has_exited, seconds(5), entry, stop);
  }
  if (!has_exited(entry.after)) {
    throw FaultIneffective(node_text(entry.node) + " should have ended but is " +
                           to_string(entry.after));
  }
}

void start_anew(Processes& processes, NodeEvidence& entry, const std::stop_token& stop) {
  processes.start(entry.node);
  const int old_pid = entry.before.host_pid;
  const auto anew = [old_pid](const ProcessState& s) {
    return s.kind == ProcessState::Kind::running && s.host_pid != old_pid;
  };
  entry.after = await(processes, entry.node, anew, seconds(10), stop);
  entry.undone = now();
  if (!anew(entry.after)) {
    throw FaultIneffective(node_text(entry.node) + " has no new process: it is " +
                           to_string(entry.after));
  }
}

std::vector<std::string> start_again(Cluster& cluster, Evidence& evidence) noexcept {
  std::vector<std::string> failures;
  for (auto& entry : evidence.nodes) {
    try {
      Processes& processes = processes_of(cluster);
      const ProcessState state = processes.state(entry.node);
      if (state.kind == ProcessState::Kind::running) {
        if (has_exited(entry.after) && entry.undone == Instant{})
          failures.push_back(node_text(entry.node) + " did not stay down");
        continue;
      }
      if (state.kind == ProcessState::Kind::paused) processes.signal(entry.node, Signal::resume);
      else processes.start(entry.node);
      const auto runs = [](const ProcessState& s) { return s.kind == ProcessState::Kind::running; };
      const ProcessState after = await(processes, entry.node, runs, seconds(10), evidence.stop);
      if (!runs(after)) {
        failures.push_back(node_text(entry.node) + " did not start again: it is " +
                           to_string(after));
      } else {
        entry.undone = now();
      }
    } catch (const std::exception& error) {
      failures.push_back(node_text(entry.node) + ": " + error.what());
    }
  }
  return failures;
}

}  // namespace seatrial::faults
