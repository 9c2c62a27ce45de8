// The members of a trial's groups as faults see them: like the processes of a cluster.
#pragma once

#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/clients.hpp"
#include "core/cluster.hpp"
#include "workers/worker_lane.hpp"

namespace seatrial::workers {

// The members of a trial as processes that faults act on; their ids: core/target.hpp.
class Members final : public Processes, public Clients {
 public:
  void add(NodeId node, WorkerLane& lane) { lanes_.emplace(node, &lane); }
  void signal(NodeId node, Signal signal) override { lane(node).signal(signal); }
  void start(NodeId node) override { lane(node).start(); }
  [[nodiscard]] ProcessState state(NodeId node) const override { return lane(node).state(); }
  [[nodiscard]] ClientConduct& conduct(NodeId node) override { return lane(node).conduct(); }

 private:
  [[nodiscard]] WorkerLane& lane(NodeId node) const;
  std::map<NodeId, WorkerLane*> lanes_;
};

// A cluster whose processes are the members instead of its nodes. Both must outlive it.
class MemberCluster final : public Cluster {
 public:
  MemberCluster(Cluster& cluster, Members& members) : cluster_(cluster), members_(members) {}
  [[nodiscard]] std::string kind() const override { return cluster_.kind(); }
  void up(std::stop_token stop) override { cluster_.up(std::move(stop)); }
  std::vector<std::string> down() noexcept override { return cluster_.down(); }
  [[nodiscard]] std::string bootstrap() const override { return cluster_.bootstrap(); }
  [[nodiscard]] std::map<std::string, std::string> connection() const override {
    return cluster_.connection();
  }
  [[nodiscard]] std::vector<Node> nodes() const override { return cluster_.nodes(); }
  [[nodiscard]] Processes* processes() override { return &members_; }
  [[nodiscard]] Clients* clients() override { return &members_; }
  [[nodiscard]] Network* network() override { return cluster_.network(); }
  [[nodiscard]] TopicMaker* topic_maker() override { return cluster_.topic_maker(); }
  void collect_logs(const std::filesystem::path& dir) override { cluster_.collect_logs(dir); }
  [[nodiscard]] std::map<std::string, std::string> effective_config() const override {
    return cluster_.effective_config();
  }
  [[nodiscard]] std::map<std::string, std::string> facts() const override {
    return cluster_.facts();
  }

 private:
  Cluster& cluster_;
  Members& members_;
};

}  // namespace seatrial::workers
