// Counting client errors by kind; of each, the first text is kept.
#include "workloads/client_events.hpp"

#include <array>

namespace seatrial::workloads {

void ClientEvents::error(rd_kafka_t& client, int code, const char* reason) {
  if (code == RD_KAFKA_RESP_ERR__FATAL) {
    std::array<char, 512> text{};
    const auto cause = rd_kafka_fatal_error(&client, text.data(), text.size());
    const std::string name = rd_kafka_err2name(cause);
    if (!fatal_) note("fatal client error " + name + ": " + text.data());
    fatal_ = true;
    return;
  }
  Kind& kind = errors_[code];
  if (kind.count++ == 0) kind.first = reason == nullptr ? "" : reason;
}

std::vector<std::string> ClientEvents::notes() const {
  std::vector<std::string> out = notes_;
  for (const auto& [code, kind] : errors_) {
    out.push_back("client error " +
                  std::string(rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code))) + ", " +
                  std::to_string(kind.count) + (kind.count == 1 ? " time: " : " times, first: ") +
                  kind.first);
  }
  return out;
}

}  // namespace seatrial::workloads
