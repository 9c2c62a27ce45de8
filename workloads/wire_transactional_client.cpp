// Ask, hear, decide what follows: of the coordinator, then of the leaders.
#include "workloads/wire_transactional_client.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "core/check.hpp"
#include "kafka/wire/producer.hpp"

namespace seatrial::workloads {
namespace {

using kafka::wire::Api;
using kafka::wire::Caller;
using Kind = Answer::Kind;

// Before anything is asked again; and where the transaction before is still being ended, which
// takes a moment after its end was answered.
constexpr auto pause = milliseconds(100), short_pause = milliseconds(20);

constexpr Caller::Call init_call{.api = Api::init_producer_id,
                                 .versions = kafka::wire::transactional_id_versions,
                                 .name = "InitProducerId"};
constexpr Caller::Call produce_call{.api = Api::produce,
                                    .versions = kafka::wire::transactional_produce_versions,
                                    .name = "Produce"};
constexpr Caller::Call end_call{
    .api = Api::end_txn, .versions = kafka::wire::end_transaction_versions, .name = "EndTxn"};
constexpr Caller::Call features_call{
    .api = Api::api_versions, .versions = kafka::wire::features_versions, .name = "ApiVersions"};

constexpr int transaction_abortable = 120;  // the library's oldest release has no name for it

bool coordinator_passes(int code) {
  return code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS ||
         code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
         code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR ||
         code == RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS;
}

bool coordinator_moved(int code) {
  return code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
         code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR;
}

bool took_epoch(int code) {
  return code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
         code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
}

bool leader_moves(int code) {
  return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
         code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
         code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION ||
         code == RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR;
}

// Errors after which the same batch may go again: what leaders themselves say, and what they pass
// on of the coordinator, which they ask before they append.
bool batch_passes(int code) {
  return leader_moves(code) || coordinator_passes(code) ||
         code == RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT ||
         code == RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION ||
         code == RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS ||
         code == RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND;
}

bool certainly_not_appended(int code) {
  return code == RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS || coordinator_passes(code);
}

kafka::wire::SecurityPtr wire_security(const kafka::Properties& properties) {
  auto made = kafka::wire::Security::from(kafka::security_properties(properties));
  if (!made) throw InfrastructureError(made.error().message);
  return std::move(*made);
}

kafka::Properties effective_of(const WireTransactionalClient::Terms& terms) {
  auto asked = terms.properties;
  asked["enable.idempotence"] = "true";
  asked["transactional.id"] = terms.transactional_id;
  return wire_properties(asked, WireLaneKind::transactional);
}

}  // namespace

WireTransactionalClient::WireTransactionalClient(const Terms& terms, OnDelivery on_delivery,
                                                 ClientEvents& events)
    : effective_(effective_of(terms)),
      settings_(effective_),
      id_(terms.transactional_id),
      topic_(terms.topic),
      on_delivery_(std::move(on_delivery)),
      events_(events),
      caller_({.bootstrap = terms.bootstrap,
               .security = wire_security(terms.properties),
               .topic = terms.topic,
               .partitions = terms.partitions,
               .answer = nanoseconds(settings_.socket_timeout_ns)}),
      batches_(terms.partitions, settings_) {}

WireTransactionalClient::~WireTransactionalClient() {
  events_.guarded([&] {
    attempt_lost();
    give_up_rest();
  });
}

std::string WireTransactionalClient::version() const {
  return "seatrial wire " SEATRIAL_VERSION ", transactions v2";
}

// --- Asking
// ---------------------------------------------------------------------------------------

bool WireTransactionalClient::wait_to_ask(Instant until) {
  std::this_thread::sleep_until(std::min(again_, until));
  return now() >= again_;
}

void WireTransactionalClient::ask_again_later(int code) {
  again_ = now() + (code == RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS ? short_pause : pause);
}

bool WireTransactionalClient::heard(Instant until, kafka::wire::Bytes& answer) {
  answer.clear();
  const auto heard = caller_.hear(until, answer);
  if (heard == Caller::Heard::nothing) return false;
  if (heard == Caller::Heard::answered) return true;
  events_.error(
      heard == Caller::Heard::late ? kafka::wire::error_timed_out : kafka::wire::error_transport,
      caller_.trouble());
  answer.clear();
  ask_again_later();
  return true;
}

// --- The coordinator
// ------------------------------------------------------------------------------

bool WireTransactionalClient::know_coordinator() {
  return caller_.coordinator() || caller_.find_coordinator(id_);
}

bool WireTransactionalClient::ask_coordinator(Asked what) {
  if (!know_coordinator()) return false;
  const auto body =
      what == Asked::identity
          ? kafka::wire::encode_transactional_id(id_, settings_.transaction_timeout_ms)
          : kafka::wire::encode_end_transaction(id_, producer_, what == Asked::commit);
  if (!caller_.send(*caller_.coordinator(), what == Asked::identity ? init_call : end_call, body)) {
    caller_.forget_coordinator();
    return false;
  }
  asked_ = what;
  return true;
}

std::optional<kafka::wire::IdentityAnswer> WireTransactionalClient::coordinated(Asked what,
                                                                                Instant until) {
  while (true) {
    if (asked_ != what) {
      attempt_lost();  // of what is not waited for any more
      if (!wait_to_ask(until)) return std::nullopt;
      if (what == Asked::identity && !checked_) require_second_version();
      if ((what == Asked::identity && !checked_) || !ask_coordinator(what)) {
        ask_again_later();
        continue;
      }
    }
    kafka::wire::Bytes body;
    if (!heard(until, body)) return std::nullopt;
    asked_ = Asked::nothing;
    const char* name = what == Asked::identity ? init_call.name : end_call.name;
    auto answer = kafka::wire::decode_identity(body, name);
    if (body.empty() || !answer) {
      if (!body.empty()) events_.error(kafka::wire::error_transport, answer.error().message);
      caller_.forget_coordinator();
      ask_again_later();
      continue;
    }
    events_.throttled(answer->throttle_ms);
    if (!coordinator_passes(answer->error)) return *answer;
    if (coordinator_moved(answer->error)) caller_.forget_coordinator();
    ask_again_later(answer->error);
  }
}

// Leaves it unchecked where the coordinator cannot be asked now.
void WireTransactionalClient::require_second_version() {
  using kafka::wire::transaction_feature;
  constexpr const char* needs =
      "\n`engine: wire` speaks the second version of the transaction protocol: Kafka 4.0 or newer "
      "with transaction.version 2; with `engine: librdkafka` the first one will do";
  if (!know_coordinator()) return;
  const NodeId broker = *caller_.coordinator();
  if (!caller_.reach(broker)) return caller_.forget_coordinator();
  for (const auto& call : {end_call, produce_call, init_call}) {
    const auto version = caller_.version_at(broker, call);
    if (!version) throw InfrastructureError(version.error().message + needs);
  }
  kafka::wire::Bytes body;
  if (!caller_.send(broker, features_call, kafka::wire::encode_features())) return;
  if (caller_.hear(now() + Caller::connect_limit, body) != Caller::Heard::answered)
    return caller_.hang_up();
  const auto features = kafka::wire::decode_features(body);
  if (!features) throw InfrastructureError(features.error().message + needs);
  const auto level = features->find(transaction_feature);
  const int finalised = level == features->end() ? 0 : level->second;
  if (finalised < kafka::wire::second_transaction_version) {
    throw InfrastructureError("this cluster's transaction.version is " + std::to_string(finalised) +
                              needs);
  }
  checked_ = true;
}

// Of an answer that nothing but another call can follow.
Answer WireTransactionalClient::refused(int code, const std::string& by) {
  const bool abortable = code == transaction_abortable;
  return {.kind = abortable ? Kind::abort : Kind::dead,
          .code = code,
          .text = by + ": " + kafka::wire::error_name(static_cast<std::int16_t>(code))};
}

Answer WireTransactionalClient::init(milliseconds limit) {
  const auto answer = coordinated(Asked::identity, now() + limit);
  if (!answer) {
    return {.kind = Kind::again,
            .code = kafka::wire::error_timed_out,
            .text = "InitProducerId: " + caller_.trouble()};
  }
  if (answer->error != 0) return refused(answer->error, init_call.name);
  producer_ = answer->producer;
  return {};
}

Answer WireTransactionalClient::begin() {
  if (failure_) return *failure_;
  batches_.begin(producer_);
  known_to_brokers_ = false;
  return {};
}

Answer WireTransactionalClient::commit(milliseconds limit) {
  const Instant until = now() + limit;
  if (asked_ != Asked::commit) {
    if (!flush(limit)) {
      return {.kind = Kind::again, .code = kafka::wire::error_timed_out, .text = caller_.trouble()};
    }
    if (failure_) return *failure_;
  }
  return end(Asked::commit, until);
}

Answer WireTransactionalClient::abort(milliseconds limit) {
  if (failure_ && failure_->kind == Kind::dead) return *failure_;
  if (asked_ != Asked::abort) {
    attempt_lost();
    give_up_rest();
  }
  return end(Asked::abort, now() + limit);
}

Answer WireTransactionalClient::end(Asked how, Instant until) {
  if (known_to_brokers_) {
    const auto answer = coordinated(how, until);
    if (!answer) {
      return {.kind = Kind::again,
              .code = kafka::wire::error_timed_out,
              .text = "EndTxn: " + caller_.trouble()};
    }
    if (answer->error != 0) {
      failure_ = refused(answer->error, end_call.name);
      return *failure_;
    }
    producer_ = answer->producer;
  }
  known_to_brokers_ = false;
  failure_.reset();
  return {};
}

// --- The leaders
// ----------------------------------------------------------------------------------

rd_kafka_resp_err_t WireTransactionalClient::send(const Message& message) {
  if (failure_) return static_cast<rd_kafka_resp_err_t>(failure_->code);
  if (!batches_.takes(message.value.size())) return RD_KAFKA_RESP_ERR__QUEUE_FULL;
  batches_.add(message, to_ns(now()));
  work(Instant{});  // full batches leave
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

bool WireTransactionalClient::flush(milliseconds limit) {
  batches_.seal_all();
  work(now() + limit);
  return batches_.empty();
}

// Until nothing is left to send or to hear, or the transaction has failed.
void WireTransactionalClient::work(Instant until) {
  while (!failure_) {
    if (asked_ != Asked::produce) {
      if (expire()) return;
      const bool waits = [&] {
        for (std::int32_t p = 0; p < batches_.partitions(); ++p)
          if (batches_.front(p) != nullptr) return true;
        return false;
      }();
      if (!waits || !wait_to_ask(until)) return;
      if (!ask_to_produce()) {
        ask_again_later();
        continue;
      }
    }
    kafka::wire::Bytes body;
    if (!heard(until, body)) return;
    if (body.empty()) attempt_lost();
    else produced(body);
  }
}

// Of the first partition that has something to send; nothing while that one has no leader.
std::optional<NodeId> WireTransactionalClient::next_leader() {
  for (std::int32_t p = 0; p < batches_.partitions(); ++p) {
    if (batches_.front(p) == nullptr) continue;
    if (!caller_.leader(p) && !caller_.learn_leaders()) return std::nullopt;
    return caller_.leader(p);
  }
  return std::nullopt;
}

bool WireTransactionalClient::ask_to_produce() {
  const auto leader = next_leader();
  if (!leader) return false;
  std::vector<kafka::wire::PartitionBatch> sent;
  asked_partitions_.clear();
  for (std::int32_t p = 0; p < batches_.partitions(); ++p) {
    const TransactionBatch* batch = batches_.front(p);
    if (batch == nullptr || caller_.leader(p) != leader) continue;
    sent.push_back({p, batch->bytes});
    asked_partitions_.push_back(p);
  }
  const auto body = kafka::wire::encode_transactional_produce(
      {.acks = -1, .timeout_ms = settings_.request_timeout_ms}, id_, topic_, sent);
  if (!caller_.send(*leader, produce_call, body)) {
    events_.error(kafka::wire::error_transport, caller_.trouble());
    caller_.forget_leaders_at(*leader);
    return false;
  }
  known_to_brokers_ = true;
  asked_leader_ = *leader;
  asked_ = Asked::produce;
  return true;
}

// Whether a batch has waited for too long, which is the end of its transaction.
bool WireTransactionalClient::expire() {
  const std::int64_t now_ns = to_ns(now());
  for (std::int32_t p = 0; p < batches_.partitions(); ++p) {
    const TransactionBatch* batch = batches_.front(p);
    if (batch == nullptr || now_ns < batch->expires_ns) continue;
    const bool maybe = batch->ambiguous;
    tell(batches_.take(p), {.error = kafka::wire::error_expired,
                            .status = maybe ? ledger::Persistence::possibly_persisted
                                            : ledger::Persistence::not_persisted,
                            .never_transmitted = !maybe,
                            .earlier_attempt_ambiguous = maybe});
    fail({.kind = Kind::abort,
          .code = kafka::wire::error_expired,
          .text = "messages were not delivered within message.timeout.ms: " + caller_.trouble()});
    return true;
  }
  return false;
}

// What is on its way to a leader, or was answered by nothing sensible, may have been appended.
void WireTransactionalClient::attempt_lost() {
  caller_.hang_up();
  if (std::exchange(asked_, Asked::nothing) != Asked::produce) return;
  for (const std::int32_t p : asked_partitions_) batches_.front(p)->ambiguous = true;
  caller_.forget_leaders_at(asked_leader_);
}

void WireTransactionalClient::produced(const kafka::wire::Bytes& body) {
  const auto answer = kafka::wire::decode_transactional_produce(body, topic_);
  const bool complete =
      answer && std::ranges::is_permutation(asked_partitions_, answer->partitions, {}, {},
                                            &kafka::wire::ProducedPartition::partition);
  if (!complete) {
    events_.error(
        kafka::wire::error_transport,
        answer ? "an answer to Produce is about other partitions" : answer.error().message);
    attempt_lost();
    return ask_again_later();
  }
  events_.throttled(answer->throttle_ms);
  asked_ = Asked::nothing;
  for (const auto& of : answer->partitions) produced(of);
  if (failure_) give_up_rest();
}

void WireTransactionalClient::produced(const kafka::wire::ProducedPartition& of) {
  TransactionBatch& batch = *batches_.front(of.partition);
  if (of.error == 0 || of.error == RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER) {
    // Of a duplicate, which is there already, no offset is told.
    tell(batches_.take(of.partition), {.offset = of.error == 0 ? of.offset : -1});
    return;
  }
  if (leader_moves(of.error)) caller_.forget_leader(of.partition);
  if (batch_passes(of.error)) {
    if (!certainly_not_appended(of.error)) batch.ambiguous = true;
    return ask_again_later(of.error);
  }
  const bool maybe = batch.ambiguous;
  tell(batches_.take(of.partition), {.error = of.error,
                                     .status = ledger::Persistence::not_persisted,
                                     .earlier_attempt_ambiguous = maybe});
  if (failure_) return;
  failure_ = {.kind = took_epoch(of.error) ? Kind::dead : Kind::abort,
              .code = of.error,
              .text = "Produce: " + kafka::wire::error_name(of.error) +
                      (of.words.empty() ? "" : ", " + of.words)};
}

void WireTransactionalClient::fail(Answer why) {
  failure_ = std::move(why);
  give_up_rest();
}

void WireTransactionalClient::tell(const TransactionBatch& batch, const Delivery& how) {
  Delivery each = how;
  for (std::size_t i = 0; i < batch.slots.size(); ++i) {
    each.index = batch.slots[i];
    if (how.offset >= 0) each.offset = how.offset + static_cast<std::int64_t>(i);
    on_delivery_(each);
  }
}

// Nothing of it goes out any more.
void WireTransactionalClient::give_up_rest() {
  for (std::int32_t p = 0; p < batches_.partitions(); ++p) {
    while (batches_.has_any(p)) {
      const TransactionBatch batch = batches_.take(p);
      const bool maybe = batch.ambiguous;
      tell(batch, {.error = maybe ? kafka::wire::error_abandoned : kafka::wire::error_never_left,
                   .status = maybe ? ledger::Persistence::possibly_persisted
                                   : ledger::Persistence::not_persisted,
                   .never_transmitted = !maybe,
                   .earlier_attempt_ambiguous = maybe});
    }
  }
}

}  // namespace seatrial::workloads
