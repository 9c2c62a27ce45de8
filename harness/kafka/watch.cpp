// One thread per broker, one for the controller, and the merging of their views.
#include "kafka/watch.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "kafka/wire/connection.hpp"

namespace seatrial::kafka {
namespace {

constexpr auto answer_time = milliseconds(300);       // a healthy broker needs about five
constexpr auto controller_period = milliseconds(500);
constexpr auto controller_time = milliseconds(1000);  // it is asked through a broker

PartitionState to_state(const std::string& topic, const wire::PartitionMetadata& told) {
  PartitionState out{.where = {topic, told.partition},
                     .leader = told.leader,
                     .epoch = told.leader_epoch,
                     .isr = told.isr,
                     .replicas = told.replicas};
  std::ranges::sort(out.isr);
  return out;
}

}  // namespace

struct ClusterWatch::Impl {
  Impl(std::vector<Node> all_nodes, std::vector<std::string> watched, milliseconds each)
      : topics(std::move(watched)), period(each) {
    for (Node& node : all_nodes) {
      if (node.serves_clients()) nodes.push_back(std::move(node));
    }
    for (const Node& node : nodes) {
      threads.emplace_back(
          [this, &node](const std::stop_token& stop) { watch_broker(node, stop); });
    }
    threads.emplace_back([this](const std::stop_token& stop) { watch_controller(stop); });
  }
  ~Impl() {
    for (auto& thread : threads) thread.request_stop();  // all at once, then join each
  }

  void watch_broker(const Node& node, const std::stop_token& stop);
  void watch_controller(const std::stop_token& stop);
  void adopt(NodeId from, const wire::Metadata& told);
  void adopt_partition(NodeId from, PartitionState told, Instant at);
  [[nodiscard]] bool all_agree(const PartitionState& told) const;
  void lost(NodeId node);
  void pause(nanoseconds span, const std::stop_token& stop) const;
  [[nodiscard]] ClusterState snapshot() const;  // with the mutex held
  Result<std::int64_t> ask(const TopicPartition& where, wire::Offset which, Instant deadline) const;

  std::vector<Node> nodes;
  std::vector<std::string> topics;
  milliseconds period;

  mutable std::mutex mutex;
  mutable std::condition_variable_any changed;
  std::map<TopicPartition, PartitionState> partitions;
  std::map<NodeId, std::map<TopicPartition, PartitionState>> views;  // what each broker said last
  std::set<NodeId> answering;
  std::vector<NodeId> registered;
  NodeId controller{-1};
  std::vector<Change> changes;

  std::vector<std::jthread> threads;  // last: they use all of the above
};

void ClusterWatch::Impl::pause(nanoseconds span, const std::stop_token& stop) const {
  std::mutex own;
  std::unique_lock lock(own);
  std::condition_variable_any never;
  never.wait_for(lock, stop, span, [] { return false; });
}

void ClusterWatch::Impl::watch_broker(const Node& node, const std::stop_token& stop) {
  std::optional<wire::Connection> connection;
  Instant next = now();
  while (!stop.stop_requested()) {
    const Instant deadline = now() + answer_time;
    if (!connection) {
      if (auto opened = wire::Connection::open(node.address, deadline)) {
        connection.emplace(std::move(*opened));
      }
    }
    std::optional<wire::Metadata> told;
    if (connection) {
      if (auto answer = connection->metadata(topics, deadline)) told = std::move(*answer);
    }
    if (told) {
      adopt(node.id, *told);
    } else {
      connection.reset();
      lost(node.id);
    }
    next = std::max(next + period, now());  // lost turns are not made up for
    pause(next - now(), stop);
  }
}

void ClusterWatch::Impl::watch_controller(const std::stop_token& stop) {
  std::optional<wire::Connection> connection;
  std::size_t turn = 0;
  while (!stop.stop_requested() && !nodes.empty()) {
    const Instant deadline = now() + controller_time;
    NodeId found{-1};
    if (!connection) {
      const Node& node = nodes[turn++ % nodes.size()];
      const bool asks = [&] {
        const std::lock_guard lock(mutex);
        return answering.empty() || answering.contains(node.id);
      }();
      if (asks) {
        auto opened = wire::Connection::open(node.address, deadline);
        if (opened) connection.emplace(std::move(*opened));
      }
    }
    if (connection) {
      if (const auto quorum = connection->quorum(deadline)) found = quorum->leader;
      else connection.reset();  // the next turn asks the next broker
    }
    {
      const std::lock_guard lock(mutex);
      controller = found;
    }
    changed.notify_all();
    pause(found.value >= 0 ? controller_period : period, stop);
  }
}

void ClusterWatch::Impl::lost(NodeId node) {
  const std::lock_guard lock(mutex);
  if (answering.erase(node) > 0) changed.notify_all();
}

void ClusterWatch::Impl::adopt(NodeId from, const wire::Metadata& told) {
  const Instant at = now();
  const std::lock_guard lock(mutex);
  answering.insert(from);
  registered.clear();
  for (const auto& broker : told.brokers) registered.push_back(broker.id);
  std::ranges::sort(registered);
  for (const auto& topic : told.topics) {
    for (const auto& partition : topic.partitions) {
      adopt_partition(from, to_state(topic.name, partition), at);
    }
  }
  changed.notify_all();
}

bool ClusterWatch::Impl::all_agree(const PartitionState& told) const {
  return std::ranges::all_of(answering, [&](NodeId node) {
    const auto view = views.find(node);
    if (view == views.end()) return false;
    const auto it = view->second.find(told.where);
    return it != view->second.end() && it->second == told;
  });
}

void ClusterWatch::Impl::adopt_partition(NodeId from, PartitionState told, Instant at) {
  PartitionState& own = views[from][told.where];
  const bool own_changed = own != told;
  own = told;
  const auto it = partitions.find(told.where);
  if (it != partitions.end()) {
    if (it->second == told || told.epoch < it->second.epoch) return;
    if (told.epoch == it->second.epoch && !own_changed && !all_agree(told)) return;
  }
  changes.push_back({at, told});
  partitions[told.where] = std::move(told);
}

ClusterState ClusterWatch::Impl::snapshot() const {
  ClusterState out{.partitions = {},
                   .answering = {answering.begin(), answering.end()},
                   .registered = registered,
                   .controller = controller};
  out.partitions.reserve(partitions.size());
  for (const auto& [where, state] : partitions) out.partitions.push_back(state);
  return out;
}

Result<std::int64_t> ClusterWatch::Impl::ask(const TopicPartition& where, wire::Offset which,
                                             Instant deadline) const {
  NodeId leader{-1};
  {
    const std::lock_guard lock(mutex);
    if (const auto it = partitions.find(where); it != partitions.end()) leader = it->second.leader;
  }
  const auto node = std::ranges::find(nodes, leader, &Node::id);
  if (node == nodes.end()) return Error{to_string(where) + " has no leader at present", ""};
  auto connection = wire::Connection::open(node->address, deadline);
  if (!connection) return connection.error();
  return connection->offset(where, which, deadline);
}

ClusterWatch::ClusterWatch(std::vector<Node> nodes, std::vector<std::string> topics,
                           milliseconds period)
    : impl_(std::make_unique<Impl>(std::move(nodes), std::move(topics), period)) {}

ClusterWatch::~ClusterWatch() = default;

ClusterState ClusterWatch::state() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->snapshot();
}

std::vector<Change> ClusterWatch::drain_changes() {
  const std::lock_guard lock(impl_->mutex);
  return std::exchange(impl_->changes, {});
}

bool ClusterWatch::wait_until(const Predicate& holds, Instant deadline,
                              const std::stop_token& stop) const {
  std::unique_lock lock(impl_->mutex);
  return impl_->changed.wait_until(lock, stop, deadline, [&] { return holds(impl_->snapshot()); });
}

Result<std::int64_t> ClusterWatch::log_start(const TopicPartition& where, Instant deadline) const {
  return impl_->ask(where, wire::Offset::log_start, deadline);
}

Result<std::int64_t> ClusterWatch::high_watermark(const TopicPartition& where,
                                                  Instant deadline) const {
  return impl_->ask(where, wire::Offset::high_watermark, deadline);
}

Result<std::int64_t> ClusterWatch::log_end(const TopicPartition& where, Instant deadline) const {
  return impl_->ask(where, wire::Offset::log_end, deadline);
}

}  // namespace seatrial::kafka
