// A member of a share group (KIP-932). The library that this program is built for has no such
// consumers, newer ones do: their functions are looked up in the library that is loaded, all at
// once, when they are first needed.
//
//   if (auto error = share_consumers_missing()) ...          // says which version is needed
//   auto consumer = ShareConsumer::make(std::move(conf));
//   consumer->subscribe("orders");
//   auto batch = consumer->poll(milliseconds(100));          // accepts the batch before, if
//   implicit
//
// One owner, one thread: the library refuses calls from two at once. Of what it offers, releasing
// and rejecting records is not here.
#pragma once

#include <librdkafka/rdkafka.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/result.hpp"
#include "core/time.hpp"
#include "kafka/admin.hpp"
#include "kafka/consumer.hpp"
#include "kafka/handle.hpp"

namespace seatrial::kafka {

// The library's own objects, of which only pointers are ever held.
struct ShareHandle;
struct MessageList;
struct AcknowledgedOffsets;
struct AcknowledgedList;

struct ShareFunctions {
  using Acknowledged = void(ShareHandle*, AcknowledgedList*, rd_kafka_resp_err_t, void* opaque);

  ShareHandle* (*make)(rd_kafka_conf_t*, char* text, std::size_t text_size) = nullptr;
  rd_kafka_resp_err_t (*subscribe)(ShareHandle*, const rd_kafka_topic_partition_list_t*) = nullptr;
  rd_kafka_error_t* (*poll)(ShareHandle*, int timeout_ms, MessageList**) = nullptr;
  rd_kafka_resp_err_t (*acknowledge)(ShareHandle*, const rd_kafka_message_t*) = nullptr;
  rd_kafka_error_t* (*commit_sync)(ShareHandle*, int timeout_ms,
                                   rd_kafka_topic_partition_list_t**) = nullptr;
  rd_kafka_error_t* (*on_acknowledged)(ShareHandle*, Acknowledged*, void* opaque) = nullptr;
  rd_kafka_error_t* (*close)(ShareHandle*) = nullptr;
  rd_kafka_error_t* (*destroy)(ShareHandle*, int flags) = nullptr;
  std::size_t (*message_count)(const MessageList*) = nullptr;
  rd_kafka_message_t* (*message_at)(const MessageList*, std::size_t) = nullptr;
  void (*destroy_messages)(MessageList*) = nullptr;
  std::size_t (*acknowledged_count)(const AcknowledgedList*) = nullptr;
  const AcknowledgedOffsets* (*acknowledged_at)(const AcknowledgedList*, std::size_t) = nullptr;
  const rd_kafka_topic_partition_t* (*acknowledged_where)(const AcknowledgedOffsets*) = nullptr;
  std::size_t (*acknowledged_offsets)(const AcknowledgedOffsets*) = nullptr;
};

// `find`: a function's address by its name, null where there is none. The Error names `version`,
// the one that is needed, and the first function that is missing.
using FindFunction = std::function<void*(const char* name)>;
Result<ShareFunctions> find_share_functions(const FindFunction& find, const std::string& version);

// Why the loaded library makes no share consumers; nothing if it does.
[[nodiscard]] std::optional<Error> share_consumers_missing();

// What one poll brought; its messages live as long as it.
class ShareBatch {
 public:
  ShareBatch(const ShareFunctions& functions, MessageList* list)
      : list_(list, functions.destroy_messages), functions_(&functions) {}
  [[nodiscard]] std::size_t size() const {
    return list_ ? functions_->message_count(list_.get()) : 0;
  }
  [[nodiscard]] const rd_kafka_message_t& operator[](std::size_t index) const {
    return *functions_->message_at(list_.get(), index);
  }

 private:
  std::unique_ptr<MessageList, void (*)(MessageList*)> list_;
  const ShareFunctions* functions_;
};

class ShareConsumer {
 public:
  // Of a partition, and how many of its records: an error says that they will be handed over again.
  using OnAcknowledged =
      std::function<void(std::int32_t partition, std::size_t records, rd_kafka_resp_err_t error)>;

  // Errors: no such consumers in this library, or settings that contradict each other.
  static Result<std::unique_ptr<ShareConsumer>> make(ConfHandle conf);
  // Without leaving its group, unless it was closed.
  ~ShareConsumer();
  ShareConsumer(const ShareConsumer&) = delete;
  ShareConsumer& operator=(const ShareConsumer&) = delete;

  // Called from within poll and commit; must not throw, nor call this consumer.
  Result<Done> report_acknowledged(OnAcknowledged reported);
  Result<Done> subscribe(const std::string& topic);
  // Waits up to `limit` for a first record; an empty batch is no error.
  Result<ShareBatch> poll(milliseconds limit);
  // In explicit mode: processed, and not to be handed over again. Sent with the next poll.
  rd_kafka_resp_err_t accept(const rd_kafka_message_t& message) {
    return functions_->acknowledge(handle_, &message);
  }
  // Sends what is accepted (in implicit mode: what was polled last), and waits for the answers.
  Result<Done> commit(milliseconds limit);
  // Leaves the group. The library's own call has no deadline: abandoned, it goes on on a thread of
  // its own, the consumer can do no more, and nothing is freed.
  [[nodiscard]] Closing close(nanoseconds budget);

 private:
  ShareConsumer(const ShareFunctions& functions, ShareHandle* handle)
      : functions_(&functions), handle_(handle) {}
  static void acknowledged(ShareHandle*, AcknowledgedList* list, rd_kafka_resp_err_t error,
                           void* opaque) noexcept;

  const ShareFunctions* functions_;
  OnAcknowledged reported_;  // the library holds a pointer to this object until it is closed
  ShareHandle* handle_;
};

}  // namespace seatrial::kafka
