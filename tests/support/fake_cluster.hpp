// A cluster of processes that exist only as states, for tests of faults, the timeline and trials.
// Signals change the state at once, unless the cluster is told to ignore them. Where a script says
// so, librdkafka's mock answers its clients meanwhile.
#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/cluster.hpp"
#include "kafka/mock.hpp"

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
        told_at = now() + dying_for;
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
    if (it == states.end()) return {};
    ProcessState state = it->second;
    if (state.kind == ProcessState::Kind::exited && now() < told_at)
      state = {.kind = ProcessState::Kind::dying, .host_pid = 1, .exit_code = {}, .signal = {}};
    return state;
  }

  struct InfrastructureErrorForTest : std::exception {
    [[nodiscard]] const char* what() const noexcept override { return "no room to start"; }
  };

  std::map<NodeId, ProcessState> states;
  std::vector<std::pair<NodeId, Signal>> signals;  // all that were sent
  std::atomic<bool> deaf = false;                  // ignores everything
  bool stubborn = false;                           // ignores an orderly shutdown
  bool startable = true;
  milliseconds dying_for{0};  // how long after its end a process is taken apart
  Instant told_at{};
  int next_pid = 1000;

 private:
  mutable std::mutex mutex_;
};

// What a test makes of a cluster's life, and what came of it. Outlives the cluster.
struct ClusterScript {
  bool serves = false;                                  // clients, by the mock
  std::function<void(const std::stop_token&)> up = {};  // throws to fail
  std::function<void()> collect_logs = {};              // likewise
  std::vector<std::string> leftovers = {};              // what `down` could not undo
  std::vector<std::string> calls = {};                  // of these three, in order
  std::function<void(FakeProcesses&)> at_the_end = {};  // told by `down`
};

class FakeCluster final : public Cluster, private TopicMaker {
 public:
  explicit FakeCluster(int brokers, ClusterScript* script = nullptr)
      : script_(script != nullptr ? *script : own_script_) {
    for (int id = 1; id <= brokers; ++id) {
      nodes_.push_back({.id = NodeId(id), .role = NodeRole::broker, .address = "127.0.0.1:1"});
      fake.states[NodeId(id)] = {
          .kind = ProcessState::Kind::running, .host_pid = id, .exit_code = {}, .signal = {}};
    }
  }
  [[nodiscard]] std::string kind() const override { return "fake"; }
  void up(std::stop_token stop) override {
    script_.calls.emplace_back("up");
    if (script_.up) script_.up(stop);
    if (!script_.serves) return;
    mock_ = std::make_unique<kafka::MockCluster>(static_cast<int>(nodes_.size()));
    nodes_ = mock_->nodes();
  }
  std::vector<std::string> down() noexcept override {
    script_.calls.emplace_back("down");
    if (script_.at_the_end) script_.at_the_end(fake);
    mock_.reset();
    return script_.leftovers;
  }
  [[nodiscard]] std::string bootstrap() const override {
    return mock_ ? mock_->bootstrap() : "127.0.0.1:1";
  }
  [[nodiscard]] std::vector<Node> nodes() const override { return nodes_; }
  [[nodiscard]] Processes* processes() override { return &fake; }
  [[nodiscard]] Clients* clients() override { return fake_clients; }
  [[nodiscard]] TopicMaker* topic_maker() override { return mock_ ? this : nullptr; }
  void collect_logs(const std::filesystem::path&) override {
    script_.calls.emplace_back("collect_logs");
    if (script_.collect_logs) script_.collect_logs();
  }
  [[nodiscard]] std::map<std::string, std::string> effective_config() const override { return {}; }
  [[nodiscard]] std::map<std::string, std::string> facts() const override {
    return {{"made of", "states"}};
  }

  FakeProcesses fake;
  Clients* fake_clients = nullptr;

 private:
  void create_topic(const std::string& name, int partitions, int replication) override {
    mock_->create_topic(name, partitions, replication);
  }

  ClusterScript own_script_;
  ClusterScript& script_;
  std::vector<Node> nodes_;
  std::unique_ptr<kafka::MockCluster> mock_;
};

}  // namespace seatrial::test
