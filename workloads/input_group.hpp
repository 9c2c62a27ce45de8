// The consuming half of a transform: a member of a consumer group that reads committed messages in
// batches and never commits by itself. What it was handed is held until `clear`. Lane's thread
// only.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "kafka/config.hpp"
#include "kafka/handle.hpp"
#include "workloads/client_events.hpp"

namespace seatrial::workloads {

class InputGroup {
 public:
  // Subscribes; throws InfrastructureError if it cannot. `security`: how to connect.
  InputGroup(const std::string& bootstrap, const kafka::Properties& security,
             const std::string& group, const std::string& topic, ClientEvents& events);
  ~InputGroup();  // leaves the group without a commit
  InputGroup(const InputGroup&) = delete;
  InputGroup& operator=(const InputGroup&) = delete;

  // Waits up to `limit` for a first message, then a moment for more, up to `most`. Requires that
  // the batch is empty.
  void gather(std::size_t most, milliseconds limit);
  [[nodiscard]] const std::vector<kafka::MessageHandle>& batch() const { return batch_; }
  // The offsets that stand for "the batch is done": the next of each partition.
  [[nodiscard]] kafka::PartitionListHandle positions() const;
  // Commits them, waiting, but not once it is given up; what went wrong, or an empty string.
  std::string commit(const std::function<bool()>& given_up);
  // Goes back to the batch's beginning: it will be handed over again, here or elsewhere.
  void rewind();
  void clear() { batch_.clear(); }
  [[nodiscard]] rd_kafka_t& raw() { return *client_; }

 private:
  void take(rd_kafka_message_t* message);
  static void on_error(rd_kafka_t* client, int code, const char* reason, void* opaque) noexcept;

  ClientEvents& events_;
  std::string topic_;
  kafka::ClientHandle client_;
  std::vector<kafka::MessageHandle> batch_;  // gone before the client
};

}  // namespace seatrial::workloads
