// Errors come from three places: the answer to an administration request, the report of a delivery,
// and what a consumer is handed instead of a message.
#include "kafka/probe.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "core/check.hpp"
#include "kafka/config.hpp"
#include "kafka/consumer.hpp"
#include "kafka/handle.hpp"

namespace seatrial::kafka {
namespace {

int ms_until(Instant deadline) {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline - now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 1, 3'600'000));
}

Tried failed_with(rd_kafka_resp_err_t error, const char* text = nullptr) {
  return {.error = error, .text = text != nullptr ? text : rd_kafka_err2str(error)};
}

Tried unmade(const Error& error) { return {RD_KAFKA_RESP_ERR__INVALID_ARG, error.message}; }

// Told by callbacks of the library, on the thread that polls; but for `complaint`, which any of its
// threads tells: what it says of a connection that fails stands in no answer.
struct Told {
  std::optional<rd_kafka_resp_err_t> delivered;
  int throttled_ms = 0;

  void complain(std::string_view text) {
    const std::lock_guard lock(mutex_);
    complaint_ = text;
  }
  [[nodiscard]] std::string complaint() const {
    const std::lock_guard lock(mutex_);
    return complaint_;
  }

 private:
  mutable std::mutex mutex_;
  std::string complaint_;
};

void on_log(const rd_kafka_t* client, int level, const char* name, const char* text) noexcept {
  constexpr int error_level = 3;
  if (client == nullptr || level > error_level || std::string_view(name) == "CONFWARN") return;
  static_cast<Told*>(rd_kafka_opaque(client))->complain(text);
}

bool is_silence(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__TIMED_OUT || error == RD_KAFKA_RESP_ERR__TRANSPORT ||
         error == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT || error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
}

// With what the library said meanwhile, where nobody answered.
Tried explained(Tried tried, const Told& told) {
  const std::string complaint = told.complaint();
  if (is_silence(tried.error) && !complaint.empty()) tried.text += " (" + complaint + ")";
  return tried;
}

void on_delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) noexcept {
  static_cast<Told*>(opaque)->delivered = message->err;
}

void on_throttle(rd_kafka_t*, const char*, std::int32_t, int ms, void* opaque) noexcept {
  auto& told = *static_cast<Told*>(opaque);
  told.throttled_ms = std::max(told.throttled_ms, ms);
}

Result<ClientHandle> probe_client(const Access& access, ClientType type, Properties own,
                                  Told& told) {
  auto conf = make_conf(access.with(std::move(own)));
  if (!conf) return conf.error();
  rd_kafka_conf_set_log_cb(conf->get(), on_log);
  rd_kafka_conf_set_opaque(conf->get(), &told);
  rd_kafka_conf_set_throttle_cb(conf->get(), on_throttle);
  if (type == ClientType::producer) rd_kafka_conf_set_dr_msg_cb(conf->get(), on_delivered);
  return make_client(type, std::move(*conf));
}

using ProbeOptions = std::unique_ptr<rd_kafka_AdminOptions_t, Call<rd_kafka_AdminOptions_destroy>>;

// Sends one request of administration and waits for its answer.
template <class Ask, class Look>
Tried administer(const Access& access, rd_kafka_admin_op_t operation, bool only_checked,
                 Instant deadline, const Ask& ask, const Look& look) {
  Told told;
  auto client = probe_client(access, ClientType::producer, {}, told);
  if (!client) return unmade(client.error());
  std::array<char, 256> text{};
  const ProbeOptions options(rd_kafka_AdminOptions_new(client->get(), operation));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), ms_until(deadline), text.data(),
                                            text.size());
  if (only_checked)
    rd_kafka_AdminOptions_set_validate_only(options.get(), 1, text.data(), text.size());
  const QueueHandle queue(rd_kafka_queue_new(client->get()));
  ask(client->get(), options.get(), queue.get());
  const EventHandle event(rd_kafka_queue_poll(queue.get(), ms_until(deadline) + 1000));
  if (!event) return explained(failed_with(RD_KAFKA_RESP_ERR__TIMED_OUT), told);
  if (const auto error = rd_kafka_event_error(event.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return explained(failed_with(error, rd_kafka_event_error_string(event.get())), told);
  return look(*event);
}

Tried of_topic(const rd_kafka_topic_result_t** results, std::size_t count) {
  if (count != 1) return failed_with(RD_KAFKA_RESP_ERR__BAD_MSG);
  return {.error = rd_kafka_topic_result_error(results[0]),
          .text = rd_kafka_topic_result_error_string(results[0]) == nullptr
                      ? rd_kafka_err2str(rd_kafka_topic_result_error(results[0]))
                      : rd_kafka_topic_result_error_string(results[0])};
}

// What a transactional call ended in; takes the error over.
Tried of_call(rd_kafka_error_t* error) {
  if (error == nullptr) return {};
  const ErrorHandle owner(error);
  return failed_with(rd_kafka_error_code(error), rd_kafka_error_string(error));
}

}  // namespace

Tried try_create(const Access& access, const NewTopic& topic, Creation how, Instant deadline) {
  std::array<char, 256> text{};
  const std::unique_ptr<rd_kafka_NewTopic_t, Call<rd_kafka_NewTopic_destroy>> asked(
      rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, topic.replication, text.data(),
                            text.size()));
  if (!asked) return {RD_KAFKA_RESP_ERR__INVALID_ARG, text.data()};
  for (const auto& [name, value] : topic.config)
    rd_kafka_NewTopic_set_config(asked.get(), name.c_str(), value.c_str());
  return administer(
      access, RD_KAFKA_ADMIN_OP_CREATETOPICS, how == Creation::only_checked, deadline,
      [&](rd_kafka_t* client, rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        rd_kafka_NewTopic_t* one = asked.get();
        rd_kafka_CreateTopics(client, &one, 1, options, queue);
      },
      [](rd_kafka_event_t& event) {
        std::size_t count = 0;
        const auto* result = rd_kafka_event_CreateTopics_result(&event);
        const auto** topics = rd_kafka_CreateTopics_result_topics(result, &count);
        return of_topic(topics, count);
      });
}

Tried try_delete_topic(const Access& access, const std::string& topic, Instant deadline) {
  const std::unique_ptr<rd_kafka_DeleteTopic_t, Call<rd_kafka_DeleteTopic_destroy>> asked(
      rd_kafka_DeleteTopic_new(topic.c_str()));
  return administer(
      access, RD_KAFKA_ADMIN_OP_DELETETOPICS, false, deadline,
      [&](rd_kafka_t* client, rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        rd_kafka_DeleteTopic_t* one = asked.get();
        rd_kafka_DeleteTopics(client, &one, 1, options, queue);
      },
      [](rd_kafka_event_t& event) {
        std::size_t count = 0;
        const auto* result = rd_kafka_event_DeleteTopics_result(&event);
        const auto** topics = rd_kafka_DeleteTopics_result_topics(result, &count);
        return of_topic(topics, count);
      });
}

Tried try_delete_group(const Access& access, const std::string& group, Instant deadline) {
  const std::unique_ptr<rd_kafka_DeleteGroup_t, Call<rd_kafka_DeleteGroup_destroy>> asked(
      rd_kafka_DeleteGroup_new(group.c_str()));
  return administer(
      access, RD_KAFKA_ADMIN_OP_DELETEGROUPS, false, deadline,
      [&](rd_kafka_t* client, rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        rd_kafka_DeleteGroup_t* one = asked.get();
        rd_kafka_DeleteGroups(client, &one, 1, options, queue);
      },
      [](rd_kafka_event_t& event) {
        std::size_t count = 0;
        const auto** groups =
            rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(&event), &count);
        if (count != 1) return failed_with(RD_KAFKA_RESP_ERR__BAD_MSG);
        const rd_kafka_error_t* error = rd_kafka_group_result_error(groups[0]);
        if (error == nullptr) return Tried{};
        return failed_with(rd_kafka_error_code(error), rd_kafka_error_string(error));
      });
}

Tried try_produce(const Access& access, const std::string& topic,
                  const std::string& transactional_id, Instant deadline) {
  Told told;
  Properties own{{"acks", "all"}, {"enable.idempotence", "true"}, {"linger.ms", "0"}};
  own["message.timeout.ms"] = std::to_string(ms_until(deadline));
  if (!transactional_id.empty()) {
    own["transactional.id"] = transactional_id;
    own["transaction.timeout.ms"] = own["message.timeout.ms"];
  }
  auto client = probe_client(access, ClientType::producer, std::move(own), told);
  if (!client) return unmade(client.error());
  if (!transactional_id.empty()) {
    auto begun = of_call(rd_kafka_init_transactions(client->get(), ms_until(deadline)));
    if (begun.ok()) begun = of_call(rd_kafka_begin_transaction(client->get()));
    if (!begun.ok()) return begun;
  }
  char payload[] = "probe";
  const auto queued =
      rd_kafka_producev(client->get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(0),
                        RD_KAFKA_V_VALUE(payload, sizeof payload),
                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
  if (queued != RD_KAFKA_RESP_ERR_NO_ERROR) return failed_with(queued);
  while (!told.delivered && now() < deadline) rd_kafka_poll(client->get(), 10);
  Tried out = failed_with(told.delivered.value_or(RD_KAFKA_RESP_ERR__TIMED_OUT));
  // Behind a local failure there is one that concerns the whole client.
  std::array<char, 256> text{};
  if (const auto fatal = rd_kafka_fatal_error(client->get(), text.data(), text.size()))
    out = failed_with(fatal, text.data());
  if (!transactional_id.empty() && out.ok())
    out = of_call(rd_kafka_abort_transaction(client->get(), ms_until(deadline)));
  out.throttled = milliseconds(told.throttled_ms);
  rd_kafka_purge(client->get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(client->get(), 100);
  return explained(std::move(out), told);
}

Tried try_consume(const Access& access, const std::string& topic, const std::string& group,
                  Instant deadline) {
  Told told;
  auto client = probe_client(access, ClientType::consumer,
                             {{"group.id", group},
                              {"auto.offset.reset", "earliest"},
                              {"enable.auto.commit", "false"},
                              {"session.timeout.ms", "6000"}},
                             told);
  if (!client) return unmade(client.error());
  rd_kafka_poll_set_consumer(client->get());
  const PartitionListHandle topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  if (const auto refused = rd_kafka_subscribe(client->get(), topics.get());
      refused != RD_KAFKA_RESP_ERR_NO_ERROR)
    return failed_with(refused);
  Tried out = failed_with(RD_KAFKA_RESP_ERR__TIMED_OUT);
  while (now() < deadline) {
    const MessageHandle message(rd_kafka_consumer_poll(client->get(), 20));
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      out = {};
      break;
    }
    out = failed_with(message->err, rd_kafka_message_errstr(message.get()));
    if (message->err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ||
        message->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
      break;
  }
  out.throttled = milliseconds(told.throttled_ms);
  static_cast<void>(close_consumer(*client, seconds(3)));
  return explained(std::move(out), told);
}

}  // namespace seatrial::kafka
