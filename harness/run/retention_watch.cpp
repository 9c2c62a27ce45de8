// One round over all partitions, a pause, and so on.
#include "run/retention_watch.hpp"

#include <thread>

namespace seatrial::run {
namespace {

constexpr auto pause = milliseconds(500);
constexpr auto step = milliseconds(20);  // how soon a stop is seen
constexpr auto look_time = milliseconds(500);

void look(const kafka::ClusterWatch& watch, RetentionHistory& log) {
  const Instant asked = now();
  // The end first: between the two answers the log can only shrink at its start.
  const auto end = watch.log_end(log.where, asked + look_time);
  const auto start = watch.log_start(log.where, asked + look_time);
  if (!end || !start) return;
  log.extents.push_back(
      {.asked = asked, .answered = now(), .log_start = *start, .log_end = std::max(*end, *start)});
}

}  // namespace

struct RetentionWatch::Impl {
  std::vector<RetentionHistory> logs;
  std::jthread thread;
};

RetentionWatch::RetentionWatch(const scenario::TrialPlan& plan, const kafka::ClusterWatch& watch)
    : impl_(std::make_unique<Impl>()) {
  for (const auto& topic : plan.topics) {
    if (!topic.config.contains("retention.ms")) continue;
    for (int p = 0; p < topic.partitions; ++p) impl_->logs.push_back({.where = {topic.name, p}});
  }
  if (impl_->logs.empty()) return;
  impl_->thread = std::jthread([impl = impl_.get(), &watch](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      for (RetentionHistory& log : impl->logs) look(watch, log);
      const Instant next = now() + pause;
      while (now() < next && !stop.stop_requested()) std::this_thread::sleep_for(step);
    }
  });
}

RetentionWatch::~RetentionWatch() = default;

std::vector<RetentionHistory> RetentionWatch::stop() {
  if (impl_->thread.joinable()) {
    impl_->thread.request_stop();
    impl_->thread.join();
  }
  return std::move(impl_->logs);
}

}  // namespace seatrial::run
