// Requests go to a queue of their own; the answer is the one event that comes back on it.
#include "kafka/admin.hpp"

#include <algorithm>
#include <array>
#include <thread>

#include "core/check.hpp"
#include "kafka/config.hpp"

namespace seatrial::kafka {
namespace {

using OptionsHandle = std::unique_ptr<rd_kafka_AdminOptions_t, Call<rd_kafka_AdminOptions_destroy>>;
using NewTopicHandle = std::unique_ptr<rd_kafka_NewTopic_t, Call<rd_kafka_NewTopic_destroy>>;
using DeleteTopicHandle =
    std::unique_ptr<rd_kafka_DeleteTopic_t, Call<rd_kafka_DeleteTopic_destroy>>;
using DeleteGroupHandle =
    std::unique_ptr<rd_kafka_DeleteGroup_t, Call<rd_kafka_DeleteGroup_destroy>>;
using ResourceHandle =
    std::unique_ptr<rd_kafka_ConfigResource_t, Call<rd_kafka_ConfigResource_destroy>>;

int milliseconds_until(Instant deadline) {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline - now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 1, 3'600'000));
}

// `operation` says whether the broker is asked to wait until the change took effect, which only
// requests that change something can.
enum class Kind { change, question };

Result<OptionsHandle> options_for(rd_kafka_t& client, rd_kafka_admin_op_t op, Kind kind,
                                  Instant deadline) {
  std::array<char, 256> text{};
  const int budget = milliseconds_until(deadline);
  OptionsHandle options(rd_kafka_AdminOptions_new(&client, op));
  auto error =
      rd_kafka_AdminOptions_set_request_timeout(options.get(), budget, text.data(), text.size());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR && kind == Kind::change) {
    error = rd_kafka_AdminOptions_set_operation_timeout(options.get(), budget, text.data(),
                                                        text.size());
  }
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return Error{text.data(), ""};
  return options;
}

// `why`, if given, is set to what kept the answer away.
Result<EventHandle> answer(rd_kafka_queue_t& queue, const std::string& what, Instant deadline,
                           const std::stop_token& stop, rd_kafka_resp_err_t* why = nullptr) {
  constexpr int slice_ms = 50;  // between looks at `stop`
  // The request has its own timeout and reports it as an answer; the extra second is for that to
  // arrive.
  const Instant last = deadline + seconds(1);
  EventHandle event;
  while (!event && now() < last && !stop.stop_requested()) {
    event.reset(rd_kafka_queue_poll(&queue, std::min(slice_ms, milliseconds_until(last))));
  }
  if (!event && stop.stop_requested()) return Error{what + ": stopped", ""};
  const std::string hint = "see whether the brokers and their controller are up";
  const auto error = event ? rd_kafka_event_error(event.get()) : RD_KAFKA_RESP_ERR__TIMED_OUT;
  if (why != nullptr) *why = error;
  if (!event) return Error{what + ": no answer in time", hint};
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Error{what + ": " + rd_kafka_event_error_string(event.get()), hint};
  }
  return event;
}

// What asking once more would not change.
bool refuses_settings(rd_kafka_resp_err_t error) {
  static constexpr std::array refusals = {
      RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, RD_KAFKA_RESP_ERR_INVALID_PARTITIONS,
      RD_KAFKA_RESP_ERR_INVALID_CONFIG,  RD_KAFKA_RESP_ERR_INVALID_REPLICA_ASSIGNMENT,
      RD_KAFKA_RESP_ERR_INVALID_REQUEST, RD_KAFKA_RESP_ERR_POLICY_VIOLATION};
  return std::ranges::find(refusals, error) != refusals.end();
}

Result<Done> first_failure(const rd_kafka_topic_result_t** results, std::size_t count,
                           const std::string& what, std::string* refused = nullptr) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto error = rd_kafka_topic_result_error(results[i]);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const char* text = rd_kafka_topic_result_error_string(results[i]);
    if (refused != nullptr && refuses_settings(error)) {
      *refused = rd_kafka_topic_result_name(results[i]);
    }
    return Error{what + " '" + rd_kafka_topic_result_name(results[i]) +
                     "': " + (text != nullptr ? text : rd_kafka_err2str(error)),
                 ""};
  }
  return Done{};
}

Result<NewTopicHandle> to_library(const NewTopic& topic) {
  std::array<char, 256> text{};
  NewTopicHandle out(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, topic.replication,
                                           text.data(), text.size()));
  if (!out) return Error{"topic '" + topic.name + "': " + text.data(), ""};
  for (const auto& [name, value] : topic.config) {
    const auto error = rd_kafka_NewTopic_set_config(out.get(), name.c_str(), value.c_str());
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return Error{"topic '" + topic.name + "', " + name + ": " + rd_kafka_err2str(error), ""};
    }
  }
  return out;
}

enum class Listed { all, set_on_topic };

Result<std::map<std::string, std::string>> describe(
    rd_kafka_t& client, rd_kafka_ResourceType_t type, const std::string& name, Instant deadline,
    const std::stop_token& stop, rd_kafka_resp_err_t* why = nullptr, Listed which = Listed::all) {
  const std::string what = "reading the configuration of '" + name + "'";
  auto options = options_for(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, Kind::question, deadline);
  if (!options) return options.error();
  const QueueHandle queue(rd_kafka_queue_new(&client));
  const ResourceHandle resource(rd_kafka_ConfigResource_new(type, name.c_str()));
  rd_kafka_ConfigResource_t* asked = resource.get();
  rd_kafka_DescribeConfigs(&client, &asked, 1, options->get(), queue.get());
  auto event = answer(*queue, what, deadline, stop, why);
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* result = rd_kafka_event_DescribeConfigs_result(event->get());
  const auto** resources = rd_kafka_DescribeConfigs_result_resources(result, &count);
  if (count != 1) return Error{what + ": the answer holds no configuration", ""};
  const auto refusal = rd_kafka_ConfigResource_error(resources[0]);
  if (refusal != RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (why != nullptr) *why = refusal;
    const char* text = rd_kafka_ConfigResource_error_string(resources[0]);
    return Error{what + ": " + (text != nullptr ? text : "refused"), ""};
  }
  std::map<std::string, std::string> out;
  const auto** entries = rd_kafka_ConfigResource_configs(resources[0], &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (which == Listed::set_on_topic &&
        rd_kafka_ConfigEntry_source(entries[i]) != RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG)
      continue;
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    out[rd_kafka_ConfigEntry_name(entries[i])] = value == nullptr ? "" : value;
  }
  return out;
}

}  // namespace

Admin::Admin(Access access) : access_(std::move(access)), client_(connect()) {}

ClientHandle Admin::connect() const {
  auto conf = make_conf(access_.with({}));
  if (!conf) throw InfrastructureError("administration client: " + conf.error().message);
  rd_kafka_conf_set_log_cb(conf->get(), nullptr);  // what matters comes back as an error
  auto client = make_client(ClientType::producer, std::move(*conf));
  if (!client) throw InfrastructureError("administration client: " + client.error().message);
  return std::move(*client);
}

Result<Done> Admin::create_topics(const std::vector<NewTopic>& topics, Instant deadline,
                                  const std::stop_token& stop, std::string* refused) {
  auto options = options_for(*client_, RD_KAFKA_ADMIN_OP_CREATETOPICS, Kind::change, deadline);
  if (!options) return options.error();
  std::vector<NewTopicHandle> owners;
  std::vector<rd_kafka_NewTopic_t*> asked;
  for (const NewTopic& topic : topics) {
    auto made = to_library(topic);
    if (!made) return made.error();
    asked.push_back(made->get());
    owners.push_back(std::move(*made));
  }
  const QueueHandle queue(rd_kafka_queue_new(client_.get()));
  rd_kafka_CreateTopics(client_.get(), asked.data(), asked.size(), options->get(), queue.get());
  auto event = answer(*queue, "creating topics", deadline, stop);
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* result = rd_kafka_event_CreateTopics_result(event->get());
  const auto** results = rd_kafka_CreateTopics_result_topics(result, &count);
  return first_failure(results, count, "creating topic", refused);
}

Result<Done> Admin::delete_topics(const std::vector<std::string>& topics, Instant deadline) {
  auto options = options_for(*client_, RD_KAFKA_ADMIN_OP_DELETETOPICS, Kind::change, deadline);
  if (!options) return options.error();
  std::vector<DeleteTopicHandle> owners;
  std::vector<rd_kafka_DeleteTopic_t*> asked;
  for (const auto& topic : topics) {
    owners.emplace_back(rd_kafka_DeleteTopic_new(topic.c_str()));
    asked.push_back(owners.back().get());
  }
  const QueueHandle queue(rd_kafka_queue_new(client_.get()));
  rd_kafka_DeleteTopics(client_.get(), asked.data(), asked.size(), options->get(), queue.get());
  auto event = answer(*queue, "deleting topics", deadline, {});
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* result = rd_kafka_event_DeleteTopics_result(event->get());
  const auto** results = rd_kafka_DeleteTopics_result_topics(result, &count);
  return first_failure(results, count, "deleting topic");
}

namespace {

// Why each group that is still there is; groups that there are not are gone.
Result<std::map<std::string, rd_kafka_resp_err_t>> delete_once(
    rd_kafka_t& client, const std::vector<std::string>& groups, Instant deadline) {
  auto options = options_for(client, RD_KAFKA_ADMIN_OP_DELETEGROUPS, Kind::question, deadline);
  if (!options) return options.error();
  std::vector<DeleteGroupHandle> owners;
  std::vector<rd_kafka_DeleteGroup_t*> asked;
  for (const auto& group : groups) {
    owners.emplace_back(rd_kafka_DeleteGroup_new(group.c_str()));
    asked.push_back(owners.back().get());
  }
  const QueueHandle queue(rd_kafka_queue_new(&client));
  rd_kafka_DeleteGroups(&client, asked.data(), asked.size(), options->get(), queue.get());
  auto event = answer(*queue, "deleting groups", deadline, {});
  if (!event) return event.error();
  std::size_t count = 0;
  const auto** results =
      rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event->get()), &count);
  std::map<std::string, rd_kafka_resp_err_t> left;
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_error_t* error = rd_kafka_group_result_error(results[i]);
    const auto code = error == nullptr ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_error_code(error);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
      left[rd_kafka_group_result_name(results[i])] = code;
  }
  return left;
}

}  // namespace

std::map<std::string, std::string> Admin::delete_groups(const std::vector<std::string>& groups,
                                                        Instant deadline) {
  std::vector<std::string> open = groups;
  std::map<std::string, std::string> out;
  while (!open.empty()) {
    out.clear();
    const auto left = delete_once(*client_, open, deadline);
    if (!left) {
      for (const auto& group : open) out[group] = left.error().message;
      return out;
    }
    open.clear();
    bool members = false;
    for (const auto& [group, code] : *left) {
      members = members || code == RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP;
      open.push_back(group);
      out[group] = rd_kafka_err2str(code);
    }
    if (!members || now() + seconds(1) >= deadline) return out;
    std::this_thread::sleep_for(seconds(1));  // members leave, or their sessions end
  }
  return out;
}

Result<std::map<std::string, std::string>> Admin::describe_topic_config(
    const std::string& topic, Instant deadline, const std::stop_token& stop) {
  constexpr auto patience = seconds(5);
  const Instant known_by = now() + patience;
  while (true) {
    const Instant attempt = std::min(deadline, now() + patience);
    auto why = RD_KAFKA_RESP_ERR_NO_ERROR;
    auto reported = describe(*client_, RD_KAFKA_RESOURCE_TOPIC, topic, attempt, stop, &why);
    if (reported || attempt == deadline || stop.stop_requested()) return reported;
    if (why == RD_KAFKA_RESP_ERR__TIMED_OUT) {
      // Brokers go on naming one that has just died as the controller, and the library waits for
      // the one that it was told of until its request times out: only a new client asks who it is
      // now.
      client_ = connect();
    } else if (why == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART && now() < known_by) {
      // A topic is made once the controller has it, and any broker may be asked before it heard.
      std::this_thread::sleep_for(milliseconds(50));
    } else {
      return reported;
    }
  }
}

Result<std::map<std::string, std::string>> Admin::properties_set_on(const std::string& topic,
                                                                    Instant deadline) {
  return describe(*client_, RD_KAFKA_RESOURCE_TOPIC, topic, deadline, {}, nullptr,
                  Listed::set_on_topic);
}

Result<std::map<std::string, std::string>> Admin::describe_broker_config(NodeId broker,
                                                                         Instant deadline) {
  return describe(*client_, RD_KAFKA_RESOURCE_BROKER, std::to_string(broker.value), deadline, {});
}

}  // namespace seatrial::kafka
