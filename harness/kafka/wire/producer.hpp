// Sends finished record batches to whoever leads their partitions, on one thread and without ever
// blocking: kept connections, a bounded number of requests in flight on each, leaders followed as
// they move. It knows nothing of messages; workloads/wire_lane.hpp does.
//
//     if (producer.takes(partition)) producer.submit(batch, now_ns);
//     producer.work(until_ns);                       // writes, waits, reads
//     for (const Ended& end : producer.ended()) ...  // each batch once
//
// A batch that has left whole and was not answered, because the connection was lost or nothing came
// in time, ends with an error unless the producer is idempotent: only then are the same bytes sent
// again, in sequence, to a new leader too, until the batch expires. What never left whole was not
// received, so it is sent again in any case. With acks=0 a batch ends once it has left.
//
// Sequences: when a batch of an idempotent producer ends with an error, its partition goes on under
// a new producer id, so that the gap which it may have left refuses nobody.
//
// Not here: transactions. Not thread-safe.
#pragma once

#include <poll.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "kafka/wire/batch_writer.hpp"
#include "kafka/wire/channel.hpp"
#include "kafka/wire/produce.hpp"

namespace seatrial::kafka::wire {

struct ProducerTerms {
  std::string bootstrap;  // host:port, several separated by commas
  SecurityPtr security;   // of all connections; null: plaintext
  std::string topic;
  int partitions = 1;
  ProduceTerms produce;
  std::int16_t least_version = produce_versions.least;  // of Produce
  int max_in_flight = 5;                                // requests per connection
  std::int64_t answer_ns = 60'000'000'000;              // then a connection is given up
  bool idempotent = false;
};

// A request of the caller's. Between submit and its end only `bytes` may be read.
struct ProduceBatch {
  std::vector<std::byte> bytes;  // a head (encode_produce_head), then the batch; may be longer
  std::size_t used = 0;          // of them
  std::int32_t partition = 0;
  std::int64_t expires_ns = INT64_MAX;
  BatchSeal seal;  // but for the producer's identity and sequence

  // The producer's own.
  std::size_t written = 0;
  std::int64_t sent_ns = 0;
  std::int32_t correlation = 0;
  bool at_broker = false;
  bool ambiguous = false;  // an attempt may have been appended
};

// Local errors besides the broker's, by librdkafka's numbers.
inline constexpr int error_transport = -195;   // the connection was lost
inline constexpr int error_expired = -192;     // _MSG_TIMED_OUT
inline constexpr int error_timed_out = -185;   // no answer in time
inline constexpr int error_never_left = -152;  // _PURGE_QUEUE: given up before it was sent
inline constexpr int error_abandoned = -151;   // _PURGE_INFLIGHT

struct Ended {
  ProduceBatch* batch = nullptr;
  int error = 0;
  std::int64_t offset = -1;  // of the first record; -1: not told
  std::int64_t at_ns = 0;
  bool answered = false;  // by a broker, in its last attempt
};

class Producer {
 public:
  explicit Producer(ProducerTerms terms);
  ~Producer();

  // Every partition has a leader to which a connection is open, and an id if it needs one.
  [[nodiscard]] bool connected() const;
  // Why it is not, as far as is known.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  // Whether a batch would leave at once.
  [[nodiscard]] bool takes(std::int32_t partition, std::int64_t now_ns) const;
  // Requires takes(). Seals the batch.
  void submit(ProduceBatch& batch, std::int64_t now_ns);
  // Does what can be done, waiting until then at most for something to do.
  void work(std::int64_t until_ns);
  // What has ended since clear_ended().
  [[nodiscard]] const std::vector<Ended>& ended() const { return ended_; }
  void clear_ended() { ended_.clear(); }
  // Ends whatever is left, as it stands.
  void abandon();
  [[nodiscard]] std::size_t open_batches() const { return open_batches_; }
  // A batch's bytes begin with these.
  [[nodiscard]] const Bytes& head() const { return head_; }

 private:
  struct Broker;
  struct Part {
    Broker* leader = nullptr;
    std::int32_t epoch = -1;
    Broker* at = nullptr;            // who has those of the line that are at a broker
    std::deque<ProduceBatch*> line;  // submitted and not ended, in sequence
    int at_broker = 0;               // of them
    std::int64_t again_ns = 0;       // before it none is sent again
    ProducerIdentity producer;
    std::int32_t sequence = 0;
  };

  [[nodiscard]] Part& part_of(const ProduceBatch& batch) {
    return parts_[static_cast<std::size_t>(batch.partition)];
  }
  [[nodiscard]] bool has_room(const Broker& broker) const;
  void connect_brokers(std::int64_t now_ns);
  void expire(std::int64_t now_ns);
  bool expire_first(Part& part, std::int64_t now_ns);
  void send_again(std::int64_t now_ns);
  void write(Broker& broker, std::int64_t now_ns);
  void put_in_flight(Part& part, ProduceBatch& batch);
  void wait(std::int64_t until_ns);
  void heard(Broker& broker, short events, std::int64_t now_ns);
  void read(Broker& broker, std::int64_t now_ns);
  bool take_answer(Broker& broker, BytesView frame, std::int64_t now_ns);
  void answered(ProduceBatch& batch, const ProduceAnswer& answer, std::int64_t now_ns);
  void lost(Broker& broker, int error, std::int64_t now_ns);
  void end(ProduceBatch& batch, Ended how);
  // The dialogue about the cluster: metadata and producer ids.
  void ask(std::int64_t now_ns);
  void open_control(std::int64_t now_ns);
  void listen(std::int64_t now_ns);
  void learn(const Metadata& metadata, std::int64_t now_ns);
  void learn_leader(const PartitionMetadata& reported, std::int64_t now_ns);
  void give_up_control(const std::string& why, std::int64_t now_ns);
  void ask_soon(std::int64_t now_ns) { ask_at_ns_ = std::min(ask_at_ns_, now_ns); }
  [[nodiscard]] bool needs_id() const;
  [[nodiscard]] bool needs_metadata(std::int64_t now_ns) const;
  [[nodiscard]] std::int64_t next_deadline(std::int64_t now_ns) const;

  ProducerTerms terms_;
  Bytes head_;
  std::vector<Part> parts_;
  std::map<NodeId, std::unique_ptr<Broker>> brokers_;
  std::vector<Ended> ended_;
  std::size_t open_batches_ = 0;
  std::string trouble_ = "no answer yet";

  Channel control_;
  std::vector<std::string> addresses_;  // to ask, the bootstrap first
  std::size_t next_address_ = 0;
  std::int64_t control_until_ns_ = 0;  // of what is under way: connecting, or an answer
  std::int64_t ask_at_ns_ = 0;         // not before
  RequestHeader asked_;
  bool asking_ = false;
  std::int32_t correlation_ = 0;
  std::vector<pollfd> polled_;
  std::vector<Broker*> polled_brokers_;
};

}  // namespace seatrial::kafka::wire
