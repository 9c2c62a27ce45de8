// A transactional producer by wire that speaks the second version of the transaction protocol
// (KIP-890), which librdkafka does not: brokers add partitions to a transaction as they are
// written, and the answer to EndTxn gives the producer a new epoch. So each transaction has an
// epoch of its own, and what arrives late of an earlier one is refused.
//
//     init ... done -> begin, send, ..., commit or abort ... done -> begin, ...
//
// One request at a time (kafka/wire/caller.hpp). Messages leave when their batch is full, and when
// they are flushed: one request to each leader holds a batch of each partition that it leads. What
// passes (a leader that moved, a coordinator that is not there, a lost connection) is asked again
// after 100 ms (20 ms where the transaction before is still being ended), batches with the same
// sequences, until message.timeout.ms; a request that is not answered within socket.timeout.ms goes
// out again by a new connection. A call whose limit passes leaves its request on its way, and the
// same call again goes on waiting for it.
//
// Once a batch has failed, its transaction can only be aborted, and the rest of it is never sent.
// Where the coordinator or a partition's leader says that another producer has the transactional.id
// (or that the coordinator took it away), this one is dead.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kafka/wire/caller.hpp"
#include "kafka/wire/transaction.hpp"
#include "workloads/client_events.hpp"
#include "workloads/message_client.hpp"
#include "workloads/transaction_batches.hpp"
#include "workloads/wire_options.hpp"

namespace seatrial::workloads {

class WireTransactionalClient final : public MessageClient {
 public:
  struct Terms {
    std::string bootstrap;
    std::string topic;
    int partitions = 1;
    std::string transactional_id;
    kafka::Properties properties;  // by librdkafka's names, of which wire_options.hpp knows
  };
  // Connects to nothing. Throws InfrastructureError if nobody can connect by such properties.
  WireTransactionalClient(const Terms& terms, OnDelivery on_delivery, ClientEvents& events);
  ~WireTransactionalClient() override;

  // Throws InfrastructureError, with what helps, if the cluster does not speak the second version.
  Answer init(milliseconds limit) override;
  Answer begin() override;
  Answer commit(milliseconds limit) override;
  Answer abort(milliseconds limit) override;
  rd_kafka_resp_err_t send(const Message& message) override;
  bool flush(milliseconds limit) override;
  void poll(milliseconds limit) override { flush(limit); }
  [[nodiscard]] kafka::Properties effective_config() const override { return effective_; }
  [[nodiscard]] std::string version() const override;

 private:
  enum class Asked { nothing, identity, produce, commit, abort };

  // False once `until` has come, before what was refused may be asked again.
  bool wait_to_ask(Instant until);
  void ask_again_later(int code = 0);
  // What is outstanding: true once it is over, `answer` empty if it was lost.
  bool heard(Instant until, kafka::wire::Bytes& answer);
  bool know_coordinator();
  bool ask_coordinator(Asked what);
  // Asks it until it has answered; what is to be done then. Null: `until` has come.
  std::optional<kafka::wire::IdentityAnswer> coordinated(Asked what, Instant until);
  void require_second_version();
  Answer end(Asked how, Instant until);
  Answer refused(int code, const std::string& by);

  void work(Instant until);
  bool ask_to_produce();
  [[nodiscard]] std::optional<NodeId> next_leader();
  bool expire();
  void produced(const kafka::wire::Bytes& body);
  void produced(const kafka::wire::ProducedPartition& of);
  void attempt_lost();
  void fail(Answer why);
  // Each of its messages.
  void tell(const TransactionBatch& batch, const Delivery& how);
  void give_up_rest();

  kafka::Properties effective_;
  WireSettings settings_;
  std::string id_;
  std::string topic_;
  OnDelivery on_delivery_;
  ClientEvents& events_;
  kafka::wire::Caller caller_;
  TransactionBatches batches_;
  kafka::wire::ProducerIdentity producer_;

  Asked asked_ = Asked::nothing;                // outstanding
  std::vector<std::int32_t> asked_partitions_;  // of Produce
  NodeId asked_leader_;                         // of Produce
  Instant again_{};                             // nothing is asked before
  bool known_to_brokers_ = false;  // the transaction: a part of it has left, or may have
  bool checked_ = false;           // that the cluster speaks the second version
  std::optional<Answer> failure_;  // abort or dead
};

}  // namespace seatrial::workloads
