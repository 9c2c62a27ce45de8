// What brokers allow each client: default quotas for clients by their ids. The library has no call
// for it, so one request of the protocol is sent to a broker, which hands it to the controller;
// every broker learns of it a moment later. Plaintext only, and not for the mock.
#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "kafka/admin.hpp"
#include "kafka/wire/messages.hpp"

namespace seatrial::kafka {

enum class QuotaChange { set, lift };

// Sets (or takes away) the default quotas of that name, by Kafka's names, in bytes per second or in
// percent. Asks one node after the other for as long as none answers and there is time; a refusal
// is the Error at once.
Result<Done> change_quotas(const std::vector<Node>& nodes,
                           const std::map<std::string, double>& quotas, QuotaChange change,
                           Instant deadline, const std::stop_token& stop = {});

// The request's body, and what its answer says.
[[nodiscard]] wire::Bytes encode_alter_quotas(const std::map<std::string, double>& quotas,
                                              QuotaChange change);
Result<Done> decode_alter_quotas(wire::BytesView body);

}  // namespace seatrial::kafka
