// Looking the functions up, and calling them.
#include "kafka/share_consumer.hpp"

#include <dlfcn.h>

#include <array>
#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include "core/check.hpp"
#include "kafka/config.hpp"

namespace seatrial::kafka {
namespace {

const Result<ShareFunctions>& loaded_functions() {
  static const auto found = find_share_functions(
      [](const char* name) { return dlsym(RTLD_DEFAULT, name); }, library_version());
  return found;
}

// Takes the error over.
Result<Done> outcome(rd_kafka_error_t* raw, const char* what) {
  const ErrorHandle error(raw);
  if (!error) return Done{};
  return Error{std::string(what) + ": " + rd_kafka_error_string(error.get()), ""};
}

int to_ms(nanoseconds span) {
  return static_cast<int>(std::chrono::duration_cast<milliseconds>(span).count());
}

}  // namespace

Result<ShareFunctions> find_share_functions(const FindFunction& find, const std::string& version) {
  ShareFunctions out;
  std::string missing;
  const auto look_up = [&]<class Function>(Function*& function, const char* name) {
    function = reinterpret_cast<Function*>(find(name));
    if (function == nullptr && missing.empty()) missing = name;
  };
  look_up(out.make, "rd_kafka_share_consumer_new");
  look_up(out.subscribe, "rd_kafka_share_subscribe");
  look_up(out.poll, "rd_kafka_share_poll");
  look_up(out.acknowledge, "rd_kafka_share_acknowledge");
  look_up(out.commit_sync, "rd_kafka_share_commit_sync");
  look_up(out.on_acknowledged, "rd_kafka_share_set_acknowledgement_commit_cb");
  look_up(out.close, "rd_kafka_share_consumer_close");
  look_up(out.destroy, "rd_kafka_share_destroy_flags");
  look_up(out.message_count, "rd_kafka_messages_count");
  look_up(out.message_at, "rd_kafka_messages_get");
  look_up(out.destroy_messages, "rd_kafka_messages_destroy");
  look_up(out.acknowledged_count, "rd_kafka_share_partition_offsets_list_count");
  look_up(out.acknowledged_at, "rd_kafka_share_partition_offsets_list_get");
  look_up(out.acknowledged_where, "rd_kafka_share_partition_offsets_partition");
  look_up(out.acknowledged_offsets, "rd_kafka_share_partition_offsets_offsets_cnt");
  if (missing.empty()) return out;
  return Error{"share groups (KIP-932) need librdkafka 2.15.0 or newer; the one loaded is " +
                   version + ", which has no " + missing,
               "use client_library: 2.16.0"};
}

std::optional<Error> share_consumers_missing() {
  const auto& functions = loaded_functions();
  return functions ? std::nullopt : std::optional(functions.error());
}

Result<std::unique_ptr<ShareConsumer>> ShareConsumer::make(ConfHandle conf) {
  const auto& functions = loaded_functions();
  if (!functions) return functions.error();
  std::array<char, 512> text{};
  ShareHandle* handle = functions->make(conf.get(), text.data(), text.size());
  if (handle == nullptr) {
    return Error{std::string("no share consumer can be made: ") + text.data(), ""};
  }
  static_cast<void>(conf.release());  // the consumer's now
  return std::unique_ptr<ShareConsumer>(new ShareConsumer(*functions, handle));
}

ShareConsumer::~ShareConsumer() {
  if (handle_ == nullptr) return;
  // Nobody could do anything about an error any more.
  const ErrorHandle ignored(functions_->destroy(handle_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE));
}

Result<Done> ShareConsumer::report_acknowledged(OnAcknowledged reported) {
  reported_ = std::move(reported);
  return outcome(functions_->on_acknowledged(handle_, acknowledged, this),
                 "acknowledgements cannot be followed");
}

// The list stays the library's.
void ShareConsumer::acknowledged(ShareHandle*, AcknowledgedList* list, rd_kafka_resp_err_t error,
                                 void* opaque) noexcept {
  const auto& self = *static_cast<ShareConsumer*>(opaque);
  const ShareFunctions& call = *self.functions_;
  for (std::size_t i = 0; list != nullptr && i < call.acknowledged_count(list); ++i) {
    const auto* const one = call.acknowledged_at(list, i);
    self.reported_(call.acknowledged_where(one)->partition, call.acknowledged_offsets(one), error);
  }
}

Result<Done> ShareConsumer::subscribe(const std::string& topic) {
  const PartitionListHandle topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  const auto error = functions_->subscribe(handle_, topics.get());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return Done{};
  return Error{"cannot subscribe to '" + topic + "': " + rd_kafka_err2str(error), ""};
}

Result<ShareBatch> ShareConsumer::poll(milliseconds limit) {
  MessageList* list = nullptr;
  const auto polled = outcome(functions_->poll(handle_, to_ms(limit), &list), "poll");
  ShareBatch batch(*functions_, list);
  if (!polled) return polled.error();
  return batch;
}

Result<Done> ShareConsumer::commit(milliseconds limit) {
  rd_kafka_topic_partition_list_t* raw = nullptr;
  auto committed = outcome(functions_->commit_sync(handle_, to_ms(limit), &raw), "commit");
  const PartitionListHandle partitions(raw);  // their errors come to who follows acknowledgements
  return committed;
}

Closing ShareConsumer::close(nanoseconds budget) {
  check(handle_ != nullptr, "a share consumer is closed once");
  const ErrorHandle ignored(functions_->on_acknowledged(handle_, nullptr, nullptr));
  std::promise<void> done;
  auto closed = done.get_future();
  std::thread([functions = functions_, handle = std::exchange(handle_, nullptr),
               done = std::move(done)]() mutable {
    const ErrorHandle refused(functions->close(handle));
    const ErrorHandle kept(functions->destroy(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE));
    done.set_value();
  }).detach();
  return closed.wait_for(budget) == std::future_status::ready ? Closing::clean : Closing::abandoned;
}

}  // namespace seatrial::kafka
