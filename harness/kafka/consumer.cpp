// Closing through a queue of its own, since the library's plain close has no deadline.
#include "kafka/consumer.hpp"

#include <thread>

namespace seatrial::kafka {

Closing close_consumer(ClientHandle& client, nanoseconds budget) {
  const Instant deadline = now() + budget;
  bool closed = false;
  {
    const QueueHandle queue(rd_kafka_queue_new(client.get()));
    const ErrorHandle error(rd_kafka_consumer_close_queue(client.get(), queue.get()));
    const bool closing = error == nullptr;  // not if a fatal error took its group away
    while (closing && !closed && now() < deadline) {
      rd_kafka_queue_poll_callback(queue.get(), 20);
      closed = rd_kafka_consumer_closed(client.get()) != 0;
    }
  }
  if (closed) {
    client.reset();
    return Closing::clean;
  }
  // Without another wait for the coordinator; still, the library waits for requests under way, up
  // to socket.timeout.ms if a broker hangs. Nobody needs the result, and no callback runs any more.
  std::thread([raw = client.release()] {
    rd_kafka_destroy_flags(raw, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }).detach();
  return Closing::abandoned;
}

}  // namespace seatrial::kafka
