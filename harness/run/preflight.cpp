// Attempts in an order in which each has what it needs of those before.
#include "run/preflight.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/check.hpp"
#include "core/units.hpp"
#include "kafka/addresses.hpp"
#include "kafka/log_reader.hpp"
#include "kafka/wire/connection.hpp"

namespace seatrial::run {
namespace {

constexpr std::array texts = {
    RightText{Right::connect, "connect", "", "nothing can be done", Weight::stops},
    RightText{Right::delete_topics, "delete topics", "Delete --topic",
              "a run could not remove its topics, so it makes none", Weight::stops},
    RightText{Right::delete_groups, "delete groups", "Delete --group",
              "groups of runs stay until their offsets expire", Weight::costs},
    RightText{Right::create_topics, "create topics", "Create --topic", "a run makes its own topics",
              Weight::stops},
    RightText{Right::describe_topics, "describe topics' settings", "DescribeConfigs --topic",
              "what was promised (min.insync.replicas, retention) decides what counts as lost",
              Weight::stops},
    RightText{Right::describe_brokers, "describe brokers' settings", "DescribeConfigs --cluster",
              "Kafka's defaults are assumed for how often brokers look at retention",
              Weight::costs},
    RightText{Right::write, "write, idempotently", "Write --topic", "nobody could produce",
              Weight::stops},
    RightText{Right::transactions, "transactions", "Write --transactional-id",
              "the transactional workloads could not begin", Weight::stops},
    RightText{Right::read_log, "read the log", "Read --topic",
              "no audit: nothing would be known of what was lost", Weight::stops},
    RightText{Right::join_groups, "join groups", "Read --group", "nobody could consume",
              Weight::stops},
};

bool refuses(rd_kafka_resp_err_t error) {
  static constexpr std::array refusals = {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
                                          RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
                                          RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
                                          RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
                                          RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
                                          RD_KAFKA_RESP_ERR__AUTHENTICATION};
  return std::ranges::find(refusals, error) != refusals.end();
}

bool is_gone(Right right, rd_kafka_resp_err_t error) {
  return (right == Right::delete_topics && error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) ||
         (right == Right::delete_groups && error == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND);
}

bool uses(const scenario::TrialPlan& trial, std::string_view kind) {
  return std::ranges::any_of(trial.workloads,
                             [&](const auto& workload) { return workload.kind == kind; });
}

bool speaks(const scenario::TrialPlan& trial, const char* property, std::string_view value) {
  return std::ranges::any_of(trial.workloads, [&](const scenario::WorkloadPlan& workload) {
    if (!workload.options.has("properties")) return false;
    const auto& properties = workload.options.properties("properties");
    const auto at = properties.find(property);
    return at != properties.end() && at->second == value;
  });
}

class Attempts {
 public:
  Attempts(const scenario::TrialPlan& trial, Instant deadline, const std::stop_token& stop)
      : trial_(trial),
        access_(trial.cluster.bootstrap, trial.cluster.connection),
        name_(trial.prefix + "preflight"),
        deadline_(deadline),
        stop_(stop) {}

  Preflight run() {
    const Instant begun = now();
    connect();
    const bool connected = well(Right::connect);
    attempt(connected, Right::delete_topics,
            [&] { return kafka::try_delete_topic(access_, name_, soon()); });
    attempt(connected, Right::delete_groups,
            [&] { return kafka::try_delete_group(access_, name_, soon()); });
    const bool may_make = connected && well(Right::delete_topics);
    attempt(may_make, Right::create_topics, [&] { return create(); });
    const bool made = may_make && well(Right::create_topics);
    attempt(made, Right::describe_topics, [&] { return describe_topic(); });
    attempt(connected, Right::describe_brokers, [&] { return describe_broker(); });
    attempt(made, Right::write, [&] { return kafka::try_produce(access_, name_, "", soon()); });
    const bool written = made && well(Right::write);
    if (uses(trial_, "transactional")) {
      attempt(written, Right::transactions,
              [&] { return kafka::try_produce(access_, name_, name_, soon()); });
    }
    attempt(written, Right::read_log, [&] { return read(); });
    attempt(written, Right::join_groups,
            [&] { return kafka::try_consume(access_, name_, name_, soon()); });
    if (made) clean_up();
    out_.took = now() - begun;
    return std::move(out_);
  }

 private:
  [[nodiscard]] Instant soon() const { return std::min<Instant>(deadline_, now() + seconds(15)); }
  [[nodiscard]] bool well(Right right) const {
    const auto at = std::ranges::find(out_.checks, right, &Check::right);
    return at != out_.checks.end() && at->state == Check::State::ok;
  }

  template <class Try>
  void attempt(bool possible, Right right, const Try& make) {
    if (stop_.stop_requested()) throw Interrupted();
    if (!possible) {
      out_.checks.push_back({right, Check::State::not_tried, "what it needs is missing already"});
      return;
    }
    const kafka::Tried tried = make();
    out_.throttled = std::max(out_.throttled, tried.throttled);
    out_.checks.push_back(judge_attempt(right, tried));
  }

  void fail_to_connect(const Error& error) {
    out_.checks.push_back({Right::connect, Check::State::failed, error.message});
  }

  // From the first that answers.
  Result<kafka::wire::Metadata> ask_seeds(const kafka::wire::SecurityPtr& security) {
    Error trouble{"there is no address to ask", ""};
    for (const auto& address : kafka::addresses_in(access_.bootstrap)) {
      auto seed = kafka::wire::Connection::open(address, soon(), security);
      if (!seed) {
        trouble = seed.error();
        continue;
      }
      auto reported = seed->metadata({}, soon());
      if (reported) return reported;
      trouble = reported.error();
    }
    return trouble;
  }

  // To every broker, since each may lead a partition.
  void connect() {
    const auto security = access_.security();
    if (!security) return fail_to_connect(security.error());
    const auto reported = ask_seeds(*security);
    if (!reported) return fail_to_connect(reported.error());
    out_.brokers = static_cast<int>(reported->brokers.size());
    for (const auto& broker : reported->brokers) {
      const std::string address = broker.host + ":" + std::to_string(broker.port);
      auto connection = kafka::wire::Connection::open(address, soon(), *security);
      if (!connection) return fail_to_connect(connection.error());
      look_for_features(*connection, address);
    }
    broker_ = reported->brokers.empty() ? NodeId(-1) : reported->brokers.front().id;
    if (out_.brokers >= trial_.cluster.brokers) {
      out_.checks.push_back({Right::connect, Check::State::ok, ""});
      return;
    }
    fail_to_connect({"it has " + std::to_string(out_.brokers) +
                         " brokers, and the scenario asks for " +
                         std::to_string(trial_.cluster.brokers) + " (cluster.brokers)",
                     ""});
  }

  void look_for_features(const kafka::wire::Connection& connection, const std::string& address) {
    for (const Feature& feature : features_of(trial_)) {
      const auto api = static_cast<kafka::wire::Api>(feature.api);
      if (connection.version_for(api, {0, INT16_MAX}, feature.name)) continue;
      out_.features.push_back(address + " does not know " + feature.name + ": " + feature.what_for);
    }
  }

  // The scenario's are only checked; one of ours is made.
  kafka::Tried create() {
    int replication = 1;
    for (const auto& topic : trial_.topics) {
      replication = std::max(replication, topic.replication);
      auto tried = kafka::try_create(
          access_, {topic.name, topic.partitions, topic.replication, topic.config},
          kafka::Creation::only_checked, soon());
      if (!tried.ok()) {
        tried.text = "topic " + topic.name + ": " + tried.text;
        return tried;
      }
    }
    return kafka::try_create(access_, {name_, 1, replication, {}}, kafka::Creation::made, soon());
  }

  kafka::Tried describe_topic() {
    const auto found = kafka::Admin(access_).describe_topic_config(name_, soon(), stop_);
    if (found) return {};
    return described(found.error(), RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  }
  kafka::Tried describe_broker() {
    const auto found = kafka::Admin(access_).describe_broker_config(broker_, soon());
    if (found) return {};
    return described(found.error(), RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
  }
  // The client hands out words alone; a refusal for want of a right speaks of authorisation.
  static kafka::Tried described(const Error& error, rd_kafka_resp_err_t refusal) {
    const bool refused = error.message.find("uthoriz") != std::string::npos ||
                         error.message.find("AUTHORIZATION") != std::string::npos;
    return {refused ? refusal : RD_KAFKA_RESP_ERR_UNKNOWN, error.message};
  }

  kafka::Tried read() {
    std::uint64_t seen = 0;
    const auto reading = kafka::read_log(
        kafka::Reader::wire, access_, {{{name_, 0}, 0, 1}},
        [&](const auto&, const LogBatch&, std::span<const LogRecord> records) {
          seen += records.size();
        },
        std::min<Instant>(soon(), now() + seconds(5)), stop_);
    const auto& outcome = reading.outcomes.front();
    if (outcome.complete && seen > 0) return {};
    const std::string why = reading.refusal.empty() ? outcome.reason : reading.refusal;
    return described({why, ""}, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  }

  void clean_up() {
    const auto topic = kafka::try_delete_topic(access_, name_, now() + seconds(15));
    if (!topic.ok() && !is_gone(Right::delete_topics, topic.error)) {
      out_.left.push_back("topic " + name_ + ": " + topic.text);
      // Of a topic that there was not, brokers said only that; the right to delete shows here.
      for (Check& check : out_.checks) {
        if (check.right == Right::delete_topics) check = judge_attempt(check.right, topic);
      }
    }
    if (!well(Right::delete_groups)) {
      out_.left.push_back("group " + name_ + ", which may not be deleted");
      return;
    }
    for (const auto& [group, why] : kafka::Admin(access_).delete_groups({name_}, soon()))
      out_.left.push_back("group " + group + ": " + why);
  }

  const scenario::TrialPlan& trial_;
  kafka::Access access_;
  std::string name_;
  Instant deadline_;
  const std::stop_token& stop_;
  NodeId broker_{-1};
  Preflight out_;
};

const char* word_of(Check::State state) {
  switch (state) {
    case Check::State::ok: return "ok";
    case Check::State::missing: return "missing";
    case Check::State::failed: return "failed";
    case Check::State::not_tried: return "not tried";
  }
  return "";
}

bool is_amiss(const Check& check) {
  return check.state == Check::State::missing || check.state == Check::State::failed;
}

}  // namespace

const RightText& text_of(Right right) { return texts.at(static_cast<std::size_t>(right)); }

Check judge_attempt(Right right, const kafka::Tried& tried) {
  if (tried.ok() || is_gone(right, tried.error)) return {right, Check::State::ok, ""};
  const auto state = refuses(tried.error) ? Check::State::missing : Check::State::failed;
  return {right, state, tried.text};
}

std::vector<Feature> features_of(const scenario::TrialPlan& trial) {
  std::vector<Feature> out;
  if (uses(trial, "transactional")) {
    out.push_back({22, "InitProducerId", "transactions"});
    out.push_back({28, "TxnOffsetCommit", "transactions that read and write"});
  }
  if (speaks(trial, "group.protocol", "consumer"))
    out.push_back({68, "ConsumerGroupHeartbeat", "group.protocol=consumer, from Kafka 4.0 on"});
  if (uses(trial, "share")) {
    out.push_back({76, "ShareGroupHeartbeat", "share groups, from Kafka 4.1 on"});
    out.push_back({44, "IncrementalAlterConfigs", "what share groups are configured by"});
  }
  return out;
}

Preflight preflight(const scenario::TrialPlan& trial, Instant deadline,
                    const std::stop_token& stop) {
  return Attempts(trial, deadline, stop).run();
}

int exit_code(const Preflight& result) {
  if (!why_not(result).empty()) return 4;
  const bool amiss = std::ranges::any_of(result.checks, is_amiss) || !result.left.empty();
  return amiss || result.throttled.count() > 0 ? 2 : 0;
}

std::string why_not(const Preflight& result) {
  for (const Check& check : result.checks) {
    const auto& text = text_of(check.right);
    if (!is_amiss(check) || text.weight != Weight::stops) continue;
    const bool missing = check.state == Check::State::missing;
    return std::string(text.name) + ": " + check.found +
           (missing && *text.needed != '\0'
                ? "; the right that is missing is --operation " + std::string(text.needed)
                : "");
  }
  return result.features.empty() ? "" : result.features.front();
}

std::string to_text(const Preflight& result, const std::string& prefix) {
  std::string out;
  for (const Check& check : result.checks) {
    const auto& text = text_of(check.right);
    out += fmt::format("  {:<28} {}\n", text.name, word_of(check.state));
    if (!is_amiss(check)) continue;
    out += fmt::format("    {}\n    cost: {}{}\n", check.found, text.cost,
                       text.weight == Weight::stops ? " (the scenario cannot run)" : "");
    if (check.state != Check::State::missing || *text.needed == '\0') continue;
    const bool cluster = std::string_view(text.needed).ends_with("--cluster");
    out +=
        fmt::format("    kafka-acls.sh --add --allow-principal User:YOU --operation {}{}\n",
                    text.needed, cluster ? "" : " " + prefix + " --resource-pattern-type prefixed");
  }
  for (const auto& feature : result.features) out += "  " + feature + "\n";
  for (const auto& left : result.left) out += "  left behind: " + left + "\n";
  if (result.throttled.count() > 0) {
    out += fmt::format(
        "  quotas throttled a single message by {}: rates of the scenario will be "
        "the quota's, not the cluster's\n",
        format_duration(result.throttled));
  }
  return out;
}

}  // namespace seatrial::run
