// A cluster of processes that exist only as states, for tests of faults and the timeline. Signals
// change the state at once, unless the cluster is told to ignore them.
#pragma once

#include <atomic>
#include <map>
#include <mutex>

#include <exception>

#include "core/cluster.hpp"

namespace seatrial::test {

class FakeProcesses final : public Processes {
 public:
  void signal(NodeId node, Signal signal) override {
    const std::lock_guard lock(mutex_);
    signals.emplace_back(node, signal);
    if (deaf) return;
    ProcessState& state = states[node];
    switch (signal) {
      case Signal::kill:
        state = {.kind = ProcessState::Kind::exited, .host_pid = 0, .exit_code = {}, .signal = 9};
        break;
      case Signal::terminate:
        if (stubborn) return;
        state = {.kind = ProcessState::Kind::exited, .host_pid = 0, .exit_code = 143, .signal = {}};
        break;
      case Signal::pause: state.kind = ProcessState::Kind::paused; break;
      case Signal::resume: state.kind = ProcessState::Kind::running; break;
    }
  }
  void start(NodeId node) override {
    const std::lock_guard lock(mutex_);
    if (deaf) return;
    if (!startable) throw InfrastructureErrorForTest();
    states[node] = {
        .kind = ProcessState::Kind::running, .host_pid = ++next_pid, .exit_code = {}, .signal = {}};
  }
  [[nodiscard]] ProcessState state(NodeId node) const override {
    const std::lock_guard lock(mutex_);
    const auto it = states.find(node);
    return it == states.end() ? ProcessState{} : it->second;
  }

  struct InfrastructureErrorForTest : std::exception {
    [[nodiscard]] const char* what() const noexcept override { return "no room to start"; }
  };

  std::map<NodeId, ProcessState> states;
  std::vector<std::pair<NodeId, Signal>> signals;  // all that were sent
  std::atomic<bool> deaf = false;                  // ignores everything
  bool stubborn = false;                           // ignores an orderly shutdown
  bool startable = true;
  int next_pid = 1000;

 private:
  mutable std::mutex mutex_;
};

class FakeCluster final : public Cluster {
 public:
  explicit FakeCluster(int brokers) {
    for (int id = 1; id <= brokers; ++id) {
      nodes_.push_back({.id = NodeId(id), .role = NodeRole::broker, .address = "127.0.0.1:1"});
      fake.states[NodeId(id)] = {
          .kind = ProcessState::Kind::running, .host_pid = id, .exit_code = {}, .signal = {}};
    }
  }
  [[nodiscard]] std::string kind() const override { return "fake"; }
  void up(std::stop_token) override {}
  std::vector<std::string> down() noexcept override { return {}; }
  [[nodiscard]] std::string bootstrap() const override { return "127.0.0.1:1"; }
  [[nodiscard]] std::vector<Node> nodes() const override { return nodes_; }
  [[nodiscard]] Processes* processes() override { return &fake; }
  void collect_logs(const std::filesystem::path&) override {}
  [[nodiscard]] std::map<std::string, std::string> effective_config() const override { return {}; }

  FakeProcesses fake;

 private:
  std::vector<Node> nodes_;
};

}  // namespace seatrial::test
