// Owners of what librdkafka hands out. Everything that owns one of its objects owns it through
// these types; raw pointers outside this folder are borrowed. Nothing here calls a broker.
//
// Destroying a producer or consumer waits for the library's threads: flush, purge or close it
// first, with a deadline, and declare it after everything that its callbacks touch.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>

namespace seatrial::kafka {

// A deleter without state, so that the owning pointer is as small as a raw one.
template <auto Function>
struct Call {
  template <class T>
  void operator()(T* object) const noexcept {
    Function(object);
  }
};

using ClientHandle = std::unique_ptr<rd_kafka_t, Call<rd_kafka_destroy>>;
using ConfHandle = std::unique_ptr<rd_kafka_conf_t, Call<rd_kafka_conf_destroy>>;
using TopicConfHandle = std::unique_ptr<rd_kafka_topic_conf_t, Call<rd_kafka_topic_conf_destroy>>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, Call<rd_kafka_topic_destroy>>;
using QueueHandle = std::unique_ptr<rd_kafka_queue_t, Call<rd_kafka_queue_destroy>>;
using EventHandle = std::unique_ptr<rd_kafka_event_t, Call<rd_kafka_event_destroy>>;
using MessageHandle = std::unique_ptr<rd_kafka_message_t, Call<rd_kafka_message_destroy>>;
using ErrorHandle = std::unique_ptr<rd_kafka_error_t, Call<rd_kafka_error_destroy>>;
using PartitionListHandle =
    std::unique_ptr<rd_kafka_topic_partition_list_t, Call<rd_kafka_topic_partition_list_destroy>>;

}  // namespace seatrial::kafka
