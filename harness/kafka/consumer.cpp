// Closing through a queue of its own, since the library's plain close has no deadline.
#include "kafka/consumer.hpp"

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
  // The plain destroy would wait for the coordinator again.
  rd_kafka_destroy_flags(client.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  return Closing::abandoned;
}

}  // namespace seatrial::kafka
