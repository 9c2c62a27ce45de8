// librdkafka's producing and transactional calls, and the reduction of their errors.
#include "workloads/producer_client.hpp"

#include <algorithm>

#include "core/check.hpp"

namespace seatrial::workloads {
namespace {

constexpr int close_time_ms = 500;

using GroupMetadata = std::unique_ptr<rd_kafka_consumer_group_metadata_t,
                                      kafka::Call<rd_kafka_consumer_group_metadata_destroy>>;

Answer answer_of(rd_kafka_error_t* raw) {
  const kafka::ErrorHandle error(raw);
  if (!error) return {};
  Answer answer{.code = rd_kafka_error_code(error.get()),
                .text = rd_kafka_error_string(error.get())};
  if (rd_kafka_error_is_fatal(error.get()) != 0) answer.kind = Answer::Kind::dead;
  else if (rd_kafka_error_txn_requires_abort(error.get()) != 0) answer.kind = Answer::Kind::abort;
  else if (rd_kafka_error_is_retriable(error.get()) != 0) answer.kind = Answer::Kind::again;
  else if (answer.code == RD_KAFKA_RESP_ERR__TIMED_OUT) answer.kind = Answer::Kind::again;
  // Errors of no kind are of a call at the wrong time: nothing sensible can follow it.
  else answer.kind = Answer::Kind::dead;
  return answer;
}

int limit_ms(milliseconds limit) { return static_cast<int>(std::max(limit.count(), INT64_C(1))); }

}  // namespace

ProducerClient::ProducerClient(kafka::Properties properties, const std::string& transactional_id,
                               const std::string& topic, OnDelivery on_delivery,
                               ClientEvents& events)
    : on_delivery_(std::move(on_delivery)),
      events_(events),
      transactional_(!transactional_id.empty()) {
  if (transactional_) properties["transactional.id"] = transactional_id;
  auto conf = kafka::make_conf(properties);
  if (!conf) throw InfrastructureError(conf.error().message);
  rd_kafka_conf_t* raw = conf->get();
  rd_kafka_conf_set_opaque(raw, this);
  rd_kafka_conf_set_dr_msg_cb(raw, ProducerClient::on_delivery);
  rd_kafka_conf_set_error_cb(raw, on_error);
  const auto on_throttle = [](rd_kafka_t*, const char*, std::int32_t, int ms, void* opaque) {
    static_cast<ProducerClient*>(opaque)->events_.throttled(ms);
  };
  rd_kafka_conf_set_throttle_cb(raw, on_throttle);
  rd_kafka_conf_set_log_cb(raw, nullptr);  // what matters comes to on_error
  auto client = kafka::make_client(kafka::ClientType::producer, std::move(*conf));
  if (!client) throw InfrastructureError(client.error().message);
  client_ = std::move(*client);
  topic_.reset(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
  check(topic_ != nullptr, "a topic object can be made");
}

// Purging lets the client go without delay, whatever the brokers do; its reports still come.
ProducerClient::~ProducerClient() {
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(client_.get(), close_time_ms);
  topic_.reset();
  client_.reset();
}

void ProducerClient::on_delivery(rd_kafka_t*, const rd_kafka_message_t* report,
                                 void* opaque) noexcept {
  auto& self = *static_cast<ProducerClient*>(opaque);
  self.events_.guarded([&] { self.on_delivery_(delivery_of(*report)); });
}

void ProducerClient::on_error(rd_kafka_t* client, int code, const char* reason,
                              void* opaque) noexcept {
  auto& self = *static_cast<ProducerClient*>(opaque);
  self.events_.guarded([&] { self.events_.error(*client, code, reason); });
}

Answer ProducerClient::init(milliseconds limit) {
  if (!transactional_) return {};
  return answer_of(rd_kafka_init_transactions(client_.get(), limit_ms(limit)));
}

Answer ProducerClient::begin() {
  if (!transactional_) return {};
  return answer_of(rd_kafka_begin_transaction(client_.get()));
}

Answer ProducerClient::send_offsets(const rd_kafka_topic_partition_list_t& offsets,
                                    rd_kafka_t& consumer, milliseconds limit) {
  const GroupMetadata group(rd_kafka_consumer_group_metadata(&consumer));
  if (!group) return {.kind = Answer::Kind::abort, .text = "the consumer is in no group"};
  return answer_of(
      rd_kafka_send_offsets_to_transaction(client_.get(), &offsets, group.get(), limit_ms(limit)));
}

Answer ProducerClient::commit(milliseconds limit) {
  if (transactional_) return answer_of(rd_kafka_commit_transaction(client_.get(), limit_ms(limit)));
  if (flush(limit)) return {};
  return {.kind = Answer::Kind::again, .code = RD_KAFKA_RESP_ERR__TIMED_OUT, .text = "flush"};
}

Answer ProducerClient::abort(milliseconds limit) {
  if (!transactional_) return {};
  return answer_of(rd_kafka_abort_transaction(client_.get(), limit_ms(limit)));
}

bool ProducerClient::flush(milliseconds limit) {
  return rd_kafka_flush(client_.get(), limit_ms(limit)) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t ProducerClient::send(const Message& message) {
  // A null value is a tombstone; the library takes a null pointer for it.
  const int refused = rd_kafka_produce(
      topic_.get(), message.partition, RD_KAFKA_MSG_F_COPY,
      const_cast<std::byte*>(message.value.data()), message.value.size(),  // NOLINT
      message.key.data(), message.key.size(), to_opaque(message.index));
  return refused == 0 ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_last_error();
}

kafka::Properties ProducerClient::effective_config() const {
  return kafka::effective_config(*client_);
}

std::string ProducerClient::version() const { return "librdkafka " + kafka::library_version(); }

void ProducerClient::poll(milliseconds limit) {
  rd_kafka_poll(client_.get(), static_cast<int>(limit.count()));
}

}  // namespace seatrial::workloads
