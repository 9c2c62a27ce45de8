// Subscribing, gathering, seeking back.
#include "workloads/input_group.hpp"

#include <map>

#include "core/check.hpp"
#include "kafka/consumer.hpp"

namespace seatrial::workloads {
namespace {

constexpr auto more_time = milliseconds(5);
constexpr auto close_time = seconds(3);
constexpr auto commit_time = seconds(30);
constexpr int seek_ms = 5000;

}  // namespace

InputGroup::InputGroup(const std::string& bootstrap, const kafka::Properties& security,
                       const std::string& group, const std::string& topic, ClientEvents& events)
    : events_(events), topic_(topic) {
  kafka::Properties properties{
      {"bootstrap.servers", bootstrap},      {"group.id", group},
      {"isolation.level", "read_committed"}, {"enable.auto.commit", "false"},
      {"auto.offset.reset", "earliest"},     {"session.timeout.ms", "6000"},
      {"fetch.wait.max.ms", "50"},           {"topic.metadata.refresh.interval.ms", "1000"},
      {"reconnect.backoff.max.ms", "500"}};
  properties.insert(security.begin(), security.end());
  auto conf = kafka::make_conf(properties);
  if (!conf) throw InfrastructureError(conf.error().message);
  rd_kafka_conf_set_opaque(conf->get(), this);
  rd_kafka_conf_set_error_cb(conf->get(), on_error);
  rd_kafka_conf_set_log_cb(conf->get(), nullptr);  // what matters comes to on_error
  auto client = kafka::make_client(kafka::ClientType::consumer, std::move(*conf));
  if (!client) throw InfrastructureError(client.error().message);
  client_ = std::move(*client);
  rd_kafka_poll_set_consumer(client_.get());
  const kafka::PartitionListHandle topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  const auto error = rd_kafka_subscribe(client_.get(), topics.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw InfrastructureError("cannot subscribe to '" + topic + "': " + rd_kafka_err2str(error));
  }
}

InputGroup::~InputGroup() {
  batch_.clear();
  if (kafka::close_consumer(client_, close_time) == kafka::Closing::abandoned)
    events_.note("a transform left its group without the coordinator's answer");
}

void InputGroup::on_error(rd_kafka_t* client, int code, const char* reason, void* opaque) noexcept {
  auto& self = *static_cast<InputGroup*>(opaque);
  self.events_.guarded([&] { self.events_.error(*client, code, reason); });
}

void InputGroup::take(rd_kafka_message_t* message) {
  kafka::MessageHandle owned(message);
  if (owned->err == RD_KAFKA_RESP_ERR_NO_ERROR) batch_.push_back(std::move(owned));
  else events_.error(*client_, owned->err, rd_kafka_message_errstr(owned.get()));
}

// Rebalances happen in here only, so while a batch is at work its partitions stay the lane's,
// unless the group throws it out: then the coordinator refuses its offsets.
void InputGroup::gather(std::size_t most, milliseconds limit) {
  check(batch_.empty(), "a batch is done before the next is gathered");
  const Instant deadline = now() + limit;
  while (batch_.empty() && now() < deadline) {
    if (auto* message = rd_kafka_consumer_poll(client_.get(), 10)) take(message);
  }
  const Instant enough = now() + more_time;
  while (!batch_.empty() && batch_.size() < most && now() < enough) {
    if (auto* message = rd_kafka_consumer_poll(client_.get(), 1)) take(message);
  }
}

kafka::PartitionListHandle InputGroup::positions() const {
  std::map<std::int32_t, std::int64_t> next;
  for (const auto& message : batch_) {
    auto& position = next.try_emplace(message->partition, 0).first->second;
    position = std::max(position, message->offset + 1);
  }
  kafka::PartitionListHandle list(rd_kafka_topic_partition_list_new(static_cast<int>(next.size())));
  for (const auto& [partition, offset] : next) {
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partition)->offset = offset;
  }
  return list;
}

// The library's own blocking commit has no deadline.
std::string InputGroup::commit(const std::function<bool()>& given_up) {
  const auto offsets = positions();
  const kafka::QueueHandle answers(rd_kafka_queue_new(client_.get()));
  auto error = rd_kafka_commit_queue(client_.get(), offsets.get(), answers.get(), nullptr, nullptr);
  const Instant deadline = now() + commit_time;
  while (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const kafka::EventHandle event(rd_kafka_queue_poll(answers.get(), 50));
    if (event && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_OFFSET_COMMIT) {
      error = rd_kafka_event_error(event.get());
      break;
    }
    if (now() >= deadline || given_up()) error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  }
  return error == RD_KAFKA_RESP_ERR_NO_ERROR ? "" : rd_kafka_err2name(error);
}

void InputGroup::rewind() {
  std::map<std::int32_t, std::int64_t> first;
  for (const auto& message : batch_) first.try_emplace(message->partition, message->offset);
  clear();
  const kafka::PartitionListHandle list(
      rd_kafka_topic_partition_list_new(static_cast<int>(first.size())));
  for (const auto& [partition, offset] : first) {
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partition)->offset = offset;
  }
  const kafka::ErrorHandle error(rd_kafka_seek_partitions(client_.get(), list.get(), seek_ms));
  // A partition that was taken away meanwhile cannot be sought: whoever has it begins at the
  // committed offset.
  if (error) events_.note(std::string("seeking back: ") + rd_kafka_error_string(error.get()));
}

}  // namespace seatrial::workloads
