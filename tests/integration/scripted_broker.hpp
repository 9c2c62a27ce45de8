// A broker of one topic that answers as a test tells it, over a real socket: ApiVersions, Metadata
// (it leads every partition, or another one does), InitProducerId, Produce and Fetch. One thread
// for all connections, and of each one request after the other; it says nothing about Kafka.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/time.hpp"
#include "kafka/wire/record_batch.hpp"

namespace seatrial::test {

// A Produce request as it came.
struct Produced {
  std::int32_t partition = 0;
  std::int16_t acks = 0;
  kafka::wire::Bytes batch;
  LogBatch header;
  std::int32_t records = 0;
};

struct Reply {
  std::int16_t error = 0;
  std::int64_t offset = 0;
  bool silent = false;      // no answer at all
  bool disconnect = false;  // instead of an answer
};

// A Fetch request as it came, and what it is answered.
struct Fetched {
  int connection = 0;  // in the order in which they were made
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int32_t leader_epoch = -1;
};
struct FetchReply {
  std::int16_t error = 0;
  std::int64_t log_end = 0;  // and high watermark, and last stable offset
  kafka::wire::Bytes records{};
  milliseconds after{0};    // the next request of its connection waits for it
  bool disconnect = false;  // instead of an answer
};

// What a broker speaks besides, as a transaction's coordinator and its leaders do by the second
// version of the protocol: requests without and with tagged fields, of one version each.
struct Besides {
  std::int16_t version = 0;
  bool flexible = true;
  // What follows the answer's header; nothing: it does not answer. On the broker's thread.
  std::function<std::optional<kafka::wire::Bytes>(kafka::wire::BytesView body)> answer;
};
using AllBesides = std::map<kafka::wire::Api, Besides>;

class ScriptedBroker {
 public:
  using Script = std::function<Reply(const Produced&)>;
  using FetchScript = std::function<FetchReply(const Fetched&)>;

  // `id`: of this broker; ports are the system's choice. The script is called on the broker's
  // thread.
  ScriptedBroker(std::int32_t id, int partitions, Script script);
  ScriptedBroker(std::int32_t id, int partitions, FetchScript script);
  ScriptedBroker(std::int32_t id, int partitions, AllBesides besides);
  ~ScriptedBroker();
  ScriptedBroker(const ScriptedBroker&) = delete;
  ScriptedBroker& operator=(const ScriptedBroker&) = delete;

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] int port() const { return port_; }
  // Names another broker as the leader of all partitions from now on.
  void lead_elsewhere(std::int32_t id, int port, std::int32_t epoch);
  [[nodiscard]] std::vector<Produced> produced() const;
  [[nodiscard]] int ids_given() const { return ids_given_; }
  [[nodiscard]] int connected() const { return connected_; }  // so far
  // Closes every connection when its next request comes, instead of an answer.
  void hang_up_next() { hangs_up_ = true; }

 private:
  struct Peer {
    int number = 0;
    kafka::wire::Bytes in;
    kafka::wire::Bytes late;  // an answer that is held until:
    Instant due{};
    bool gone = false;
  };
  ScriptedBroker(std::int32_t id, int partitions, Script script, FetchScript fetch_script,
                 AllBesides besides);
  [[nodiscard]] std::optional<kafka::wire::Bytes> answer_besides(const Besides& of,
                                                                 kafka::wire::BytesView request,
                                                                 Peer& peer);
  [[nodiscard]] kafka::wire::Bytes api_versions() const;
  void serve();
  void take(int socket, Peer& peer);
  void work(int socket, Peer& peer);
  [[nodiscard]] std::optional<kafka::wire::Bytes> answer(kafka::wire::BytesView request,
                                                         Peer& peer);
  [[nodiscard]] kafka::wire::Bytes metadata() const;
  [[nodiscard]] std::optional<kafka::wire::Bytes> produce(kafka::wire::BytesView body,
                                                          bool& disconnect);
  [[nodiscard]] kafka::wire::Bytes fetch(kafka::wire::BytesView body, Peer& peer);

  std::int32_t id_;
  int partitions_;
  Script script_;
  FetchScript fetch_script_;
  AllBesides besides_;
  int listener_ = -1;
  int port_ = 0;
  std::map<int, Peer> peers_;
  std::atomic<int> connected_{0};
  std::atomic<bool> hangs_up_{false};
  std::atomic<int> ids_given_{0};
  mutable std::mutex mutex_;  // guards the following
  std::vector<Produced> produced_;
  std::int32_t leader_;
  int leader_port_ = 0;
  std::int32_t epoch_ = 1;
  std::atomic<bool> ends_{false};
  std::thread thread_;
};

}  // namespace seatrial::test
