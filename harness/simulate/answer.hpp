// What `seatrial simulate` says: first how far off it was on trials that it had not seen, then its
// answer, and what the model leaves out.
//
// Shape of the document:
//
//   fit       {trials, idle_cores_per_broker, cpu_s_per_request, cpu_s_per_byte, cpu_error}
//   held_out  [{variant, fitted (the trial that lent its costs), latency_believed,
//               why (where it is not), of {p50_s, p99_s, mean_s, broker_cores}: {predicted,
//               measured, error (a share)}}]; null: nothing was held out
//   question  {brokers, replication, acks, messages_per_s, message_bytes, groups, lose, seconds,
//              request_bytes, cores, network_bytes_per_s, seed}; null: none was asked
//   answer    {simulated_brokers, latencies [{when, requests, mean_s, p50_s, p99_s, p999_s,
//              most_s}], use {resource: {before, after}}, holds, worked_off_s, events,
//              times_real_time}
//   left_out  [texts]
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/view.hpp"
#include "simulate/fit.hpp"

namespace seatrial::simulate {

struct Asked {
  Question question;
  Costs costs;
  std::string fitted;  // the trial that lent its costs
  double messages_per_s = 0, message_bytes = 0;
  double wall_s = 0;  // that the simulation took
  Answer answer;
};

[[nodiscard]] nlohmann::json describe(const Fit& fit,
                                      const std::optional<std::vector<HeldOut>>& held_out,
                                      const std::optional<Asked>& asked);

[[nodiscard]] std::string answer_text(const View& document);

}  // namespace seatrial::simulate
