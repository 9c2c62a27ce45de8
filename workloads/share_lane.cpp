// Polling, telling, processing, acknowledging.
#include "workloads/share_lane.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/check.hpp"
#include "core/setting_refused.hpp"
#include "kafka/config.hpp"
#include "kafka/group_config.hpp"
#include "kafka/share_consumer.hpp"
#include "workloads/client_events.hpp"
#include "workloads/identity_reader.hpp"
#include "workloads/obedience.hpp"

namespace seatrial::workloads {
namespace {

constexpr auto poll_time = milliseconds(50);   // the end of the trial is looked for in between
constexpr auto pause_time = milliseconds(50);  // after a poll that failed
constexpr auto configure_time = seconds(15);
constexpr auto commit_time = seconds(5);
constexpr auto close_time = seconds(8);

// Where the client's errors go. A close that was given up goes on without its lane, and may still
// meet some: they go nowhere then.
class ErrorSink {
 public:
  explicit ErrorSink(ClientEvents& events) : events_(&events) {}
  void report(rd_kafka_t& client, int code, const char* reason) {
    const std::lock_guard lock(mutex_);
    if (events_ == nullptr) return;
    events_->guarded([&] { events_->error(client, code, reason); });
  }
  void detach() {
    const std::lock_guard lock(mutex_);
    events_ = nullptr;
  }

 private:
  std::mutex mutex_;
  ClientEvents* events_;
};

class ShareLane {
 public:
  ShareLane(const ShareSettings& settings, LaneContext& lane);
  ShareLane(const ShareLane&) = delete;
  ShareLane& operator=(const ShareLane&) = delete;

  LaneReport run(const std::function<void()>& ready, const std::stop_token& stop);

 private:
  [[nodiscard]] InfrastructureError failure(const Error& error) const {
    return InfrastructureError("workload '" + lane_.workload + "': " + error.message +
                               (error.hint.empty() ? "" : "; " + error.hint));
  }
  [[nodiscard]] bool over(const std::stop_token& stop) const {
    return lane_.clock->consumers_stop.load(std::memory_order_relaxed) || stop.stop_requested();
  }
  void configure();
  void make_consumer();
  void work();
  void process(const kafka::ShareBatch& batch);
  [[nodiscard]] std::vector<const rd_kafka_message_t*> readable(const kafka::ShareBatch& batch);
  [[nodiscard]] MemberLink::Delivery delivery(const rd_kafka_message_t& message);
  void accept(const rd_kafka_message_t& message);
  void report_ends();
  void leave();
  void add_notes();
  static void on_error(rd_kafka_t* client, int code, const char* reason, void* opaque) noexcept {
    static_cast<ErrorSink*>(opaque)->report(*client, code, reason);
  }

  const ShareSettings& settings_;
  LaneContext& lane_;
  LaneReport report_;
  ClientEvents events_;
  IdentityReader identities_;
  Obedience obedience_;
  std::unique_ptr<ErrorSink> errors_ = std::make_unique<ErrorSink>(events_);
  std::map<std::int32_t, std::int64_t> next_offset_;  // above the highest that it was handed
  std::map<std::string, std::uint64_t> poll_errors_;
  std::unique_ptr<kafka::ShareConsumer> consumer_;  // last: after what its callbacks touch
};

ShareLane::ShareLane(const ShareSettings& settings, LaneContext& lane)
    : settings_(settings), lane_(lane), identities_(lane.trial_tag), obedience_(lane.conduct) {
  check(lane.link != nullptr, "a member of a group has a link to its harness");
  configure();
  make_consumer();
}

// Each member does, to the same effect: the first has to find it done before it joins.
void ShareLane::configure() {
  const auto done = kafka::configure_group(
      {lane_.bootstrap, kafka::security_properties(lane_.properties)}, settings_.group,
      share_group_config(settings_), now() + configure_time);
  if (done) return;
  const Error& error = done.error();
  if (error.message.find("INVALID_CONFIG") == std::string::npos) throw failure(error);
  const bool of_lock = error.message.find("record.lock") != std::string::npos;
  throw SettingRefused({"workloads", lane_.workload, of_lock ? "lock" : "session"},
                       error.message +
                           "; `lock` and `session` must not be below the brokers' "
                           "group.share.min.record.lock.duration.ms and "
                           "group.share.min.session.timeout.ms, which `timeouts: fast` lowers");
}

void ShareLane::make_consumer() {
  auto properties = share_properties(settings_, lane_.properties);
  // A share consumer does not show what it runs with, so a plain one of the same properties does.
  auto effective = kafka::effective_config(kafka::ClientType::consumer, properties);
  if (!effective) throw failure(effective.error());
  report_.effective_config = std::move(*effective);
  report_.client_version = "librdkafka " + kafka::library_version();
  properties["bootstrap.servers"] = lane_.bootstrap;
  auto conf = kafka::make_conf(properties);
  if (!conf) throw failure(conf.error());
  rd_kafka_conf_set_opaque(conf->get(), errors_.get());
  rd_kafka_conf_set_error_cb(conf->get(), on_error);
  rd_kafka_conf_set_log_cb(conf->get(), nullptr);  // its errors come by callback and are counted
  auto consumer = kafka::ShareConsumer::make(std::move(*conf));
  if (!consumer) throw failure(consumer.error());
  consumer_ = std::move(*consumer);
  // What is refused will be handed over again.
  const auto followed = consumer_->report_acknowledged(
      [this](std::int32_t partition, std::size_t, rd_kafka_resp_err_t error) {
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
        events_.guarded([&] { lane_.link->committed(partition, 0, 0, rd_kafka_err2name(error)); });
      });
  if (!followed) throw failure(followed.error());
}

LaneReport ShareLane::run(const std::function<void()>& ready, const std::stop_token& stop) {
  if (const auto done = consumer_->subscribe(lane_.topic); !done) throw failure(done.error());
  work();
  ready();
  while (!over(stop)) {
    obedience_.await_poll([&] { return over(stop); });
    work();
  }
  leave();
  events_.rethrow();
  add_notes();
  return std::move(report_);
}

// One poll, which also acknowledges the batch before, and what it brought.
void ShareLane::work() {
  auto batch = consumer_->poll(poll_time);
  obedience_.polled();
  events_.rethrow();
  if (!batch) {
    ++poll_errors_[batch.error().message];
    std::this_thread::sleep_for(pause_time);
    return;
  }
  process(*batch);
}

// Processing that takes no time is told of in one piece.
void ShareLane::process(const kafka::ShareBatch& batch) {
  const auto messages = readable(batch);
  std::vector<MemberLink::Delivery> reported;
  for (const auto* message : messages) reported.push_back(delivery(*message));
  const bool at_once = settings_.handler + obedience_.slower_by() <= nanoseconds(0);
  if (at_once) lane_.link->delivered(reported);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (!at_once) {
      reported[i].at_ns = to_ns(now());
      lane_.link->delivered({&reported[i], 1});
      obedience_.handle(settings_.handler);
    }
    if (settings_.explicitly) accept(*messages[i]);
  }
}

// The library itself releases or rejects what it could not read.
std::vector<const rd_kafka_message_t*> ShareLane::readable(const kafka::ShareBatch& batch) {
  std::vector<const rd_kafka_message_t*> out;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const rd_kafka_message_t& message = batch[i];
    if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) out.push_back(&message);
    else ++report_.errors[message.partition][rd_kafka_err2name(message.err)];
  }
  return out;
}

MemberLink::Delivery ShareLane::delivery(const rd_kafka_message_t& message) {
  const auto read = identities_.read(message);
  auto& next = next_offset_[message.partition];
  next = std::max(next, message.offset + 1);
  return {.partition = message.partition,
          .offset = message.offset,
          .identified = read.identified,
          .stream = read.identity.stream,
          .seq = read.identity.seq,
          .intended_ns = read.identity.intended_ns,
          .at_ns = to_ns(now())};
}

void ShareLane::accept(const rd_kafka_message_t& message) {
  const auto error = consumer_->accept(message);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  lane_.link->committed(message.partition, message.offset, 0, rd_kafka_err2name(error));
}

// Also of partitions that gave it nothing: that it was there to the end is what counts.
void ShareLane::report_ends() {
  for (std::int32_t partition = 0; partition < lane_.partitions; ++partition) {
    lane_.link->read_until(partition, next_offset_[partition]);
  }
}

void ShareLane::leave() {
  if (const auto done = consumer_->commit(commit_time); !done) events_.note(done.error().message);
  report_ends();
  errors_->detach();
  if (consumer_->close(close_time) == kafka::Closing::abandoned) {
    static_cast<void>(errors_.release());  // the library holds it as long as it goes on
    events_.note("left group '" + settings_.group + "' without the brokers' answer");
  }
}

void ShareLane::add_notes() {
  const auto note = [&](std::string text) { report_.notes.push_back(std::move(text)); };
  for (auto& text : events_.notes()) note(std::move(text));
  for (const auto& [error, times] : poll_errors_) {
    note(error + " (" + std::to_string(times) + (times == 1 ? " time)" : " times)"));
  }
  identities_.add_notes(report_.notes);
}

std::string milliseconds_of(nanoseconds span) {
  return std::to_string(std::chrono::duration_cast<milliseconds>(span).count());
}

}  // namespace

std::map<std::string, std::string> share_properties(
    const ShareSettings& settings, const std::map<std::string, std::string>& properties) {
  auto out = properties;
  out["group.id"] = settings.group;
  out["share.acknowledgement.mode"] = settings.explicitly ? "explicit" : "implicit";
  out["max.poll.records"] = std::to_string(settings.batch);
  return out;
}

std::map<std::string, std::string> share_group_config(const ShareSettings& settings) {
  const auto heartbeat = std::min<nanoseconds>(settings.session / 3, seconds(5));
  return {{"share.auto.offset.reset", "earliest"},
          {"share.record.lock.duration.ms", milliseconds_of(settings.lock)},
          {"share.session.timeout.ms", milliseconds_of(settings.session)},
          {"share.heartbeat.interval.ms", milliseconds_of(heartbeat)}};
}

LaneReport run_share_lane(const ShareSettings& settings, LaneContext& lane,
                          const std::function<void()>& ready, const std::stop_token& stop) {
  return ShareLane(settings, lane).run(ready, stop);
}

}  // namespace seatrial::workloads
