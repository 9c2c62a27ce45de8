// Counting client errors by kind; of each, the first text is kept.
#include "workloads/client_events.hpp"

#include <algorithm>
#include <array>

#include "client/lane.hpp"
#include "core/check.hpp"
#include "core/counted.hpp"
#include "core/setting_refused.hpp"

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

struct Refusal {
  int code;  // by number: not every library that this is built for has a name for each
  const char* property;
};

constexpr std::array refusals = {
    Refusal{23, "partition.assignment.strategy"},  // INCONSISTENT_GROUP_PROTOCOL
    Refusal{26, "session.timeout.ms"},             // INVALID_SESSION_TIMEOUT
    Refusal{50, "transaction.timeout.ms"},         // INVALID_TRANSACTION_TIMEOUT
    Refusal{112, "group.remote.assignor"}};        // UNSUPPORTED_ASSIGNOR

}  // namespace

void ClientEvents::error(rd_kafka_t& client, int code, const char* reason) {
  if (code == RD_KAFKA_RESP_ERR__FATAL) {
    std::array<char, 512> text{};
    const auto cause = rd_kafka_fatal_error(&client, text.data(), text.size());
    const std::string name = rd_kafka_err2name(cause);
    if (!fatal_) note(std::string(fatal_note) + name + ": " + text.data());
    fatal_ = true;
    answered(cause, text.data());
    return;
  }
  const std::string text = reason == nullptr ? "" : reason;
  if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION && login_failure_.empty()) {
    login_failure_ = "cannot log in: " + text + login_hint(text);
  }
  error(code, text);
}

void ClientEvents::error(int code, const std::string& reason) {
  answered(code, reason);
  Kind& kind = errors_[code];
  if (kind.count++ == 0) kind.first = reason;
}

void ClientEvents::answered(int code, const std::string& text) {
  const auto refusal = std::ranges::find(refusals, code, &Refusal::code);
  if (refusal == refusals.end() || !refused_property_.empty()) return;
  refused_property_ = refusal->property;
  refusal_ = refused_property_ + ": " + rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code)) +
             (text.empty() ? "" : ", ") + text;
}

void ClientEvents::require_accepted(const std::string& workload,
                                    const std::map<std::string, std::string>& options) const {
  if (!login_failure_.empty())
    throw InfrastructureError("workload '" + workload + "': " + login_failure_);
  if (refused_property_.empty()) return;
  std::vector<std::string> keys{"workloads", workload};
  const auto option = options.find(refused_property_);
  if (option != options.end()) keys.push_back(option->second);
  else keys.insert(keys.end(), {"properties", refused_property_});
  throw SettingRefused(std::move(keys), refusal_);
}

std::vector<std::string> ClientEvents::notes() const {
  std::vector<std::string> out = notes_;
  for (const auto& [code, kind] : errors_) {
    out.push_back(
        "client error " + std::string(rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code))) +
        ", " + counted(kind.count, "time") + (kind.count == 1 ? ": " : ", first: ") + kind.first);
  }
  return out;
}

}  // namespace seatrial::workloads
