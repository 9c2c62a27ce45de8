// What a broker tells of itself by JMX: the question, its answer, and what lies between two
// answers. Pure; how the question gets there is clusters/jolokia.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace seatrial::run {

// A kind of request, and where its time goes in a broker. Kafka's own names, in Kafka's order:
// waiting for a thread; the leader's work; waiting for followers (or, of a fetch, for data); until
// a network thread takes the answer, and until it is sent; held back by a quota.
enum class RequestKind { produce, fetch_consumer, fetch_follower };
inline constexpr std::size_t request_kinds = 3;
enum class RequestPart { total, queue, local, remote, response_queue, response_send, throttle };
inline constexpr std::size_t request_parts = 7;

struct BrokerMetrics {
  struct Part {
    double sum_ms = 0;  // over all requests since the broker began
    double p99_ms = 0;  // of the last minutes, as the broker samples them
  };
  struct Requests {
    std::uint64_t count = 0;  // since the broker began
    std::array<Part, request_parts> parts{};
  };
  std::array<Requests, request_kinds> requests{};
  // Bytes since the broker began: of clients, and of replication.
  std::uint64_t bytes_in = 0, bytes_out = 0, replication_in = 0, replication_out = 0;
  std::uint64_t flushes = 0;           // of log segments to disk (fsync)
  std::uint64_t under_replicated = 0;  // partitions that it leads, now
  std::uint64_t isr_shrinks = 0;       // of partitions that it leads
  std::uint64_t request_queue = 0;     // requests that wait for a thread, now
  // Nothing where the broker does not tell: that is not the same as never idle.
  std::optional<double> handler_idle_ns;  // of each request handler, since the broker began
  std::map<std::string, double> network_idle_ns;  // the same of each network thread, by its bean
  Instant at;  // of the answer, as the one who asked says; shares need it
};

// Jolokia's requests; the same every time.
[[nodiscard]] const std::string& broker_metrics_question();
// Nothing if the answer is no JSON or not of that question. A bean that a broker does not have
// (yet) counts as 0: Kafka registers some with their first use.
[[nodiscard]] std::optional<BrokerMetrics> parse_broker_metrics(std::string_view answer);

// Adds what happened between two answers of one process to a point of the record's series:
// net_in_bytes, net_out_bytes, flushes, under_replicated, isr_shrinks, request_queue, handler_idle
// and network_idle (shares), and by kind of request its count, mean
// times and p99 of the total. Kinds without requests are left out.
void add_metrics(const BrokerMetrics& from, const BrokerMetrics& to, nlohmann::json& point);
// By kind: count, and of each part mean and p99; for a broker's summary.
[[nodiscard]] nlohmann::json request_times(const BrokerMetrics& from, const BrokerMetrics& to);

}  // namespace seatrial::run
