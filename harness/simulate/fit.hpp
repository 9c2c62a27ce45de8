// What the model's numbers are, from a run's record: trials with one replica are fitted, those with
// more are held out, predicted and compared.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/view.hpp"
#include "simulate/cluster_model.hpp"

namespace seatrial::simulate {

// A trial as the model sees it.
struct Observed {
  std::string variant;
  std::map<std::string, std::string> axes;
  double brokers = 0, replication = 0, groups = 0;
  double cores = 0;  // of the one machine that all share
  double generator_cores = 0;
  double messages_per_s = 0, message_bytes = 0;
  double request_bytes = 0;   // payload of a produce request
  double requests_per_s = 0;  // of all kinds, over all brokers
  double broker_cores = 0;    // CPU, of all
  double hop_s = 0;
  double mean_s = 0, p50_s = 0, p99_s = 0;       // of the producers' service time
  std::vector<std::pair<double, double>> curve;  // (share, seconds), ascending
  bool acks_all = true;
  bool generator_limited = false;
  std::string connection_limited;  // why it was, where it was
};

// Finished trials with all of that; `lacks`: of the others, what they lack.
[[nodiscard]] std::vector<Observed> observe(const View& record, std::vector<std::string>& lacks);

struct CpuFit {
  double idle_cores_per_broker = 0;
  double s_per_request = 0;
  double s_per_byte = 0;  // written; a sent one counts `read_weight`
  double error = 0;       // the largest of its trials, a share
};

// Least squares without a number below 0; with fewer trials than unknowns, the fewer unknowns.
[[nodiscard]] CpuFit fit_cpu(const std::vector<Observed>& trials, double read_weight);

struct Fit {
  std::vector<Observed> trials;  // with one replica
  CpuFit cpu;
};
Result<Fit> fit(const View& record, std::vector<std::string>& lacks);

// The fitted trial that is most like it: by its axes save those that nobody shares, then by rate.
[[nodiscard]] const Observed& nearest(const Fit& fit, const Observed& to);

// Costs as they were in that fitted trial's surroundings: all brokers and the generator on one
// machine; what lies outside of brokers is such that the model gives the trial's own service times.
[[nodiscard]] Costs costs_of(const Fit& fit, const Observed& trial, std::uint64_t seed);

struct HeldOut {
  std::string variant, fitted;
  double p50_s = 0, p99_s = 0, mean_s = 0, broker_cores = 0;  // predicted
  Observed measured;
  Answer answer;
};
[[nodiscard]] HeldOut predict(const Fit& fit, const Observed& held_out, std::uint64_t seed);

}  // namespace seatrial::simulate
