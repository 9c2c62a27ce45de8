// One thread per broker and one for the controller; their answers meet in Views. The brokers'
// threads tick together; at each tick those whose turn it is ask.
#include "kafka/watch.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "kafka/views.hpp"
#include "kafka/wire/connection.hpp"

namespace seatrial::kafka {
namespace {

constexpr auto healthy_answer_time = milliseconds(300);  // a healthy broker needs about five
// Of a cluster that is secured, and so may be far: to answer, and to connect and log in.
constexpr auto secured_answer_time = milliseconds(1500);
constexpr auto secured_opening = milliseconds(5000);
constexpr auto untold_controller = seconds(5);  // not every cluster tells everyone
constexpr std::int16_t unknown_topic = 3;       // Kafka's UNKNOWN_TOPIC_OR_PARTITION
constexpr auto ends_period = milliseconds(500);
constexpr auto controller_period = milliseconds(500);
constexpr auto controller_time = milliseconds(1000);  // it is asked through a broker

PartitionState to_state(const std::string& topic, const wire::PartitionMetadata& reported) {
  PartitionState out{.where = {topic, reported.partition},
                     .leader = reported.leader,
                     .epoch = reported.leader_epoch,
                     .isr = reported.isr,
                     .replicas = reported.replicas};
  std::ranges::sort(out.isr);
  return out;
}

}  // namespace

struct ClusterWatch::Impl {
  Impl(std::vector<Node> all_nodes, std::vector<std::string> watched, milliseconds each,
       wire::SecurityPtr how)
      : topics(std::move(watched)), period(each), security(std::move(how)) {
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
  void adopt(NodeId from, const wire::Metadata& reported);
  [[nodiscard]] bool turn_of(NodeId node) const;
  [[nodiscard]] milliseconds answer_time() const {
    return security ? secured_answer_time : healthy_answer_time;
  }
  [[nodiscard]] milliseconds opening_time() const {
    return security ? secured_opening : healthy_answer_time;
  }
  // What a broker told last, asked for more where that is due; nothing: it does not answer.
  struct Asking {
    std::optional<wire::Connection> connection;
    wire::Metadata reported;
    Instant next_ends{};
  };
  bool ask_broker(const Node& node, Asking& asking);
  bool ask_ends(NodeId from, const wire::Metadata& reported, wire::Connection& connection,
                Instant deadline);
  void lost(NodeId node);
  void pause(nanoseconds span, const std::stop_token& stop) const;
  [[nodiscard]] ClusterState snapshot() const;  // with the mutex held
  Result<std::int64_t> ask(const TopicPartition& where, wire::Offset which, Instant deadline) const;

  std::vector<Node> nodes;
  std::vector<std::string> topics;
  milliseconds period;
  wire::SecurityPtr security;
  Instant begun = now();

  mutable std::mutex mutex;
  mutable std::condition_variable_any changed;
  Views views;
  Replication replication;
  NodeId controller{-1};

  std::vector<std::jthread> threads;  // last: they use all of the above
};

void ClusterWatch::Impl::pause(nanoseconds span, const std::stop_token& stop) const {
  std::mutex own;
  std::unique_lock lock(own);
  std::condition_variable_any never;
  never.wait_for(lock, stop, span, [] { return false; });
}

void ClusterWatch::Impl::watch_broker(const Node& node, const std::stop_token& stop) {
  Asking asking;
  while (!stop.stop_requested()) {
    if (!ask_broker(node, asking)) {
      asking.connection.reset();
      lost(node.id);
    }
    // To the next common tick; those that were missed are not made up for.
    const auto ticks = (now() - begun) / period + 1;
    pause(begun + ticks * period - now(), stop);
  }
}

bool ClusterWatch::Impl::ask_broker(const Node& node, Asking& asking) {
  auto& connection = asking.connection;
  if (connection && connection->is_over()) return false;
  if (!connection || turn_of(node.id)) {
    if (!connection) {
      auto opened = wire::Connection::open(node.address, now() + opening_time(), security);
      if (!opened) return false;
      connection.emplace(std::move(*opened));
    }
    auto answer = connection->metadata(topics, now() + answer_time());
    if (!answer) return false;
    asking.reported = std::move(*answer);
    adopt(node.id, asking.reported);
  }
  if (now() < asking.next_ends) return true;
  asking.next_ends = now() + ends_period;
  // One that hangs here is asked anew at the next tick, which tells whether it is lost.
  if (!ask_ends(node.id, asking.reported, *connection, now() + answer_time())) connection.reset();
  return true;
}

bool ClusterWatch::Impl::turn_of(NodeId node) const {
  const auto turn = static_cast<std::uint64_t>((now() - begun) / period);
  const std::lock_guard lock(mutex);
  return views.turn_of(node, turn);
}

void ClusterWatch::Impl::watch_controller(const std::stop_token& stop) {
  std::optional<wire::Connection> connection;
  std::size_t turn = 0;
  while (!stop.stop_requested() && !nodes.empty()) {
    NodeId found{-1};
    if (!connection) {
      const Node& node = nodes[turn++ % nodes.size()];
      const bool asks = [&] {
        const std::lock_guard lock(mutex);
        return !views.anyone_answering() || views.answering(node.id);
      }();
      if (asks) {
        auto opened = wire::Connection::open(node.address, now() + opening_time(), security);
        if (opened) connection.emplace(std::move(*opened));
      }
    }
    if (connection) {
      if (const auto quorum = connection->quorum(now() + controller_time)) found = quorum->leader;
      else connection.reset();  // the next turn asks the next broker
    }
    {
      const std::lock_guard lock(mutex);
      controller = found;
    }
    changed.notify_all();
    const nanoseconds untold = security ? nanoseconds(untold_controller) : nanoseconds(period);
    pause(found.value >= 0 ? nanoseconds(controller_period) : untold, stop);
  }
}

void ClusterWatch::Impl::lost(NodeId node) {
  const std::lock_guard lock(mutex);
  if (views.lost(node)) changed.notify_all();
  replication.lost(node);
}

// Whether the broker answered. Followers tell the ends of their own logs, too.
bool ClusterWatch::Impl::ask_ends(NodeId from, const wire::Metadata& reported,
                                  wire::Connection& connection, Instant deadline) {
  std::vector<TopicPartition> held, led;
  for (const auto& topic : reported.topics) {
    for (const auto& partition : topic.partitions) {
      // What has one replica only is never behind.
      if (partition.replicas.size() < 2) continue;
      if (std::ranges::find(partition.replicas, from) == partition.replicas.end()) continue;
      held.push_back({topic.name, partition.partition});
      if (partition.leader == from) led.push_back(held.back());
    }
  }
  Offsets ends, watermarks;
  if (!led.empty()) {
    auto answer = connection.offsets(led, wire::Offset::high_watermark, deadline);
    if (!answer) return false;
    watermarks = std::move(*answer);
  }
  if (!held.empty()) {
    auto answer = connection.offsets(held, wire::Offset::log_end, deadline);
    if (!answer) return false;
    ends = std::move(*answer);
  }
  const std::lock_guard lock(mutex);
  replication.reported(from, std::move(ends), std::move(watermarks));
  return true;
}

void ClusterWatch::Impl::adopt(NodeId from, const wire::Metadata& reported) {
  std::vector<PartitionState> partitions;
  std::vector<std::string> unknown;
  for (const auto& topic : reported.topics) {
    if (topic.error == unknown_topic) unknown.push_back(topic.name);
    for (const auto& partition : topic.partitions) {
      partitions.push_back(to_state(topic.name, partition));
    }
  }
  std::vector<NodeId> registered;
  for (const auto& broker : reported.brokers) registered.push_back(broker.id);
  const Instant at = now();
  const std::lock_guard lock(mutex);
  views.reported(from, partitions, std::move(registered), at);
  for (const auto& topic : unknown) views.unknown(from, topic, at);
  changed.notify_all();
}

ClusterState ClusterWatch::Impl::snapshot() const {
  ClusterState out = views.state();
  out.controller = controller;
  return out;
}

Result<std::int64_t> ClusterWatch::Impl::ask(const TopicPartition& where, wire::Offset which,
                                             Instant deadline) const {
  NodeId leader{-1};
  {
    const std::lock_guard lock(mutex);
    leader = views.leader(where);
  }
  const auto node = std::ranges::find(nodes, leader, &Node::id);
  if (node == nodes.end()) return Error{to_string(where) + " has no leader at present", ""};
  auto connection = wire::Connection::open(node->address, deadline, security);
  if (!connection) return connection.error();
  return connection->offset(where, which, deadline);
}

ClusterWatch::ClusterWatch(std::vector<Node> nodes, std::vector<std::string> topics,
                           milliseconds period, wire::SecurityPtr security)
    : impl_(std::make_unique<Impl>(std::move(nodes), std::move(topics), period,
                                   std::move(security))) {}

ClusterWatch::~ClusterWatch() = default;

ClusterState ClusterWatch::state() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->snapshot();
}

std::optional<PartitionState> ClusterWatch::partition(const TopicPartition& where) const {
  const std::lock_guard lock(impl_->mutex);
  const PartitionState* found = impl_->views.find(where);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

std::vector<Change> ClusterWatch::drain_changes() {
  const std::lock_guard lock(impl_->mutex);
  return impl_->views.take_changes();
}

ReplicationLag ClusterWatch::take_lag() {
  const std::lock_guard lock(impl_->mutex);
  return impl_->replication.take();
}

bool ClusterWatch::wait_until(const Predicate& holds, Instant deadline,
                              const std::stop_token& stop) const {
  std::unique_lock lock(impl_->mutex);
  return impl_->changed.wait_until(lock, stop, deadline, [&] { return holds(impl_->snapshot()); });
}

Result<std::int64_t> ClusterWatch::log_start(const TopicPartition& where, Instant deadline) const {
  return impl_->ask(where, wire::Offset::log_start, deadline);
}

Result<std::int64_t> ClusterWatch::last_stable_offset(const TopicPartition& where,
                                                      Instant deadline) const {
  return impl_->ask(where, wire::Offset::last_stable, deadline);
}

Result<std::int64_t> ClusterWatch::high_watermark(const TopicPartition& where,
                                                  Instant deadline) const {
  return impl_->ask(where, wire::Offset::high_watermark, deadline);
}

Result<std::int64_t> ClusterWatch::log_end(const TopicPartition& where, Instant deadline) const {
  return impl_->ask(where, wire::Offset::log_end, deadline);
}

}  // namespace seatrial::kafka
