// Counting client errors by kind; of each, the first text is kept.
#include "workloads/client_events.hpp"

#include <array>

#include "core/check.hpp"

namespace seatrial::workloads {
namespace {

// Earlier releases repeat their first nonce wrongly, which brokers look at from Kafka 4.0 on.
constexpr int first_with_scram = 0x020601ff;

std::string login_hint(const std::string& reason) {
  if (rd_kafka_version() >= first_with_scram || reason.find("SCRAM") == std::string::npos) {
    return "\nlook at sasl.username, sasl.password and sasl.mechanism, and at cluster.users";
  }
  return std::string("\nlibrdkafka ") + rd_kafka_version_str() +
         " cannot log in by SCRAM to Kafka 4.0 and newer, whatever the password; 2.6.1 and newer "
         "can: client_library: 2.16.0";
}

}  // namespace

void ClientEvents::error(rd_kafka_t& client, int code, const char* reason) {
  if (code == RD_KAFKA_RESP_ERR__FATAL) {
    std::array<char, 512> text{};
    const auto cause = rd_kafka_fatal_error(&client, text.data(), text.size());
    const std::string name = rd_kafka_err2name(cause);
    if (!fatal_) note("fatal client error " + name + ": " + text.data());
    fatal_ = true;
    return;
  }
  const std::string text = reason == nullptr ? "" : reason;
  if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION && login_failure_.empty()) {
    login_failure_ = "cannot log in: " + text + login_hint(text);
  }
  Kind& kind = errors_[code];
  if (kind.count++ == 0) kind.first = text;
}

void ClientEvents::require_login(const std::string& workload) const {
  if (login_failure_.empty()) return;
  throw InfrastructureError("workload '" + workload + "': " + login_failure_);
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
