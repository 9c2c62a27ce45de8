// A cluster as queues, request by request: what README.md of this folder draws. Deterministic by
// its seed; no clock, no I/O. Seconds and bytes of payload throughout.
//
// Symmetric clusters are simulated by a sample: each broker leads as much as any other, and its
// followers are the next ones in a ring. A sample is a shorter ring; brokers that are lost are
// drawn for each request with the odds of the whole cluster.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace seatrial::simulate {

// What requests cost, as fitted or assumed.
struct Costs {
  double cpu_s_per_request = 0;  // of any kind, at one broker's end
  double cpu_s_per_byte = 0;     // written once to one broker
  double read_weight = 0.25;     // of that, a byte sent
  double hop_s = 0;          // between threads and sockets, from one broker's end to the other's
  double request_bytes = 0;  // of produce requests, payload
  double network_bytes_per_s = 1.25e9;
  double cores = 1;       // of a host
  double background = 0;  // of a host's CPU, a share that is busy with other things
  std::size_t hosts = 0;  // that brokers share; 0: each has its own
  // By equal steps of probability from 0 to 1: what the client's end, the network and the client's
  // own batching take. Empty: nothing.
  std::vector<double> outside_s;
};

struct Question {
  std::size_t brokers = 1;
  std::size_t replication = 1;
  bool acks_all = true;
  double bytes_per_s = 0;     // produced, over the whole cluster
  double groups = 0;          // that read it, each all of it
  double seconds = 30;        // of load; what is under way then is worked off
  std::size_t lose = 0;       // brokers, a third of the way through, for good
  double fenced_after_s = 9;  // Kafka's default of broker.session.timeout.ms
  std::uint64_t seed = 1;
  std::size_t sample = 0;  // brokers simulated; 0: all
};

struct Latencies {
  std::string when;  // all the time, before, until fenced, after
  std::uint64_t requests = 0;
  double mean_s = 0, p50_s = 0, p99_s = 0, p999_s = 0, most_s = 0;
};

struct Use {
  std::string of;     // CPU, network in, network out
  double before = 0;  // shares of what there is, by what came: 1 and more does not hold
  double after = 0;   // with brokers lost, once they are fenced; 0: none is
};

struct Answer {
  std::size_t simulated_brokers = 0;
  std::vector<Latencies> latencies;
  std::vector<Use> use;
  std::uint64_t created = 0, completed = 0;  // produce requests; equal when all is worked off
  std::uint64_t events = 0;
  double worked_off_s = 0;  // after the end of load
};

// Requires what the verb checks: brokers >= replication > 0, a load and costs above 0.
[[nodiscard]] Answer simulate(const Costs& costs, const Question& question);

// Brokers that stand for all of them.
[[nodiscard]] std::size_t sample_of(std::size_t brokers, std::size_t replication);

}  // namespace seatrial::simulate
