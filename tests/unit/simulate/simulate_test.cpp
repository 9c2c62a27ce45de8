// The queues against closed forms, the cluster of queues against what must hold of it, and the fit
// against trials that were made from known costs.
#include <boost/random/exponential_distribution.hpp>
#include <boost/random/mersenne_twister.hpp>

#include <cmath>
#include <nlohmann/json.hpp>

#include "simulate/answer.hpp"
#include "simulate/station.hpp"
#include "support/catch.hpp"
#include "support/text.hpp"

namespace seatrial::simulate {
namespace {

using nlohmann::json;
using test::contains;

enum class Takes { drawn, fixed };

// The mean wait before service of Poisson arrivals at a share of what a server takes.
double mean_wait_s(double utilisation, Takes takes) {
  constexpr double service_s = 0.001;
  constexpr int customers = 2'000'000;
  boost::random::mt19937_64 random(7);
  boost::random::exponential_distribution<double> draw;
  Station station;
  double now_s = 0, waits_s = 0;
  for (int i = 0; i < customers; ++i) {
    now_s += draw(random) * service_s / utilisation;
    const double own_s = takes == Takes::drawn ? draw(random) * service_s : service_s;
    waits_s += station.serve(now_s, own_s) - own_s - now_s;
  }
  return waits_s / customers;
}

Costs costs() {
  return {.cpu_s_per_request = 0.0005,
          .hop_s = 0.0002,
          .request_bytes = 16'384,
          .network_bytes_per_s = 1e9,
          .cores = 4,
          .outside_s = {}};
}

Question question() {
  return {.brokers = 10,
          .replication = 3,
          .bytes_per_s = 10 * 16'384 * 500.0,
          .groups = 1,
          .seconds = 20,
          .seed = 3};
}

}  // namespace

TEST_CASE("simulate: a queue waits as M/M/1 and M/D/1 say") {
  // Mean waits before service: rho / (1 - rho) of a service time, and half of that.
  for (const double rho : {0.5, 0.7, 0.8}) {
    INFO("utilisation " << rho);
    CHECK(mean_wait_s(rho, Takes::drawn) == Approx(rho / (1 - rho) * 0.001).epsilon(0.03));
    CHECK(mean_wait_s(rho, Takes::fixed) == Approx(rho / (1 - rho) * 0.0005).epsilon(0.03));
  }
}

TEST_CASE("simulate: a cluster of one broker, one replica and one core is M/M/1") {
  Costs of = costs();
  of.cores = 1;
  of.cpu_s_per_request = 0.001;
  of.network_bytes_per_s = 1e15;
  const Question what{
      .brokers = 1, .replication = 1, .bytes_per_s = 16'384 * 700.0, .seconds = 1000, .seed = 5};
  const auto answer = simulate(of, what);
  REQUIRE(answer.latencies.size() == 1);
  CHECK(answer.latencies[0].mean_s == Approx(0.001 / 0.3).epsilon(0.04));
  CHECK(answer.latencies[0].p99_s == Approx(0.001 / 0.3 * std::log(100)).epsilon(0.06));
  CHECK(answer.use[0].before == Approx(0.7).epsilon(0.01));
}

TEST_CASE("simulate: every request is answered once, and the same seed gives the same answer") {
  for (const std::size_t lose : {std::size_t{0}, std::size_t{1}}) {
    Question what = question();
    what.lose = lose;
    what.fenced_after_s = 3;
    const auto one = simulate(costs(), what), other = simulate(costs(), what);
    CHECK(one.created == one.completed);
    std::uint64_t answered = 0;
    for (const auto& row : one.latencies) answered += row.requests;
    CHECK(answered == one.created);
    // With one lost, those that are simulated are the others, which get a ninth more each.
    const double more = lose > 0 ? 5000 * (20 - 20.0 / 3 - 3) / 9 : 0;
    CHECK(static_cast<double>(one.created) == Approx(10 * 500 * 20 + more).epsilon(0.01));
    CHECK(one.events == other.events);
    CHECK(one.latencies[0].p999_s == other.latencies[0].p999_s);
    what.seed = 4;
    CHECK(simulate(costs(), what).latencies[0].mean_s != one.latencies[0].mean_s);
  }
}

TEST_CASE("simulate: a sample of a symmetric cluster answers as the whole does") {
  Question what = question();
  what.brokers = 30;
  what.bytes_per_s *= 3;
  const auto whole = simulate(costs(), what);
  what.sample = sample_of(what.brokers, what.replication);
  const auto sample = simulate(costs(), what);
  CHECK(sample.simulated_brokers == 5);
  CHECK(sample.latencies[0].p50_s == Approx(whole.latencies[0].p50_s).epsilon(0.03));
  CHECK(sample.latencies[0].p99_s == Approx(whole.latencies[0].p99_s).epsilon(0.05));
  CHECK(sample.use[0].before == Approx(whole.use[0].before).epsilon(0.02));
}

TEST_CASE("simulate: acks=all waits for the slowest follower, acks=1 for none") {
  Question what = question();
  const double all = simulate(costs(), what).latencies[0].mean_s;
  what.acks_all = false;
  const double leader = simulate(costs(), what).latencies[0].mean_s;
  what.replication = 1;
  CHECK(simulate(costs(), what).latencies[0].mean_s <= leader);
  CHECK(all > leader + 2 * 0.0005);
}

TEST_CASE("simulate: a lost broker holds some back until it is fenced, then loads the others") {
  Question what = question();
  what.lose = 1;
  what.seconds = 30;
  what.fenced_after_s = 5;
  const auto answer = simulate(costs(), what);
  REQUIRE(answer.latencies.size() == 3);
  CHECK(answer.latencies[0].when == "before");
  CHECK(answer.latencies[0].most_s < 1);
  // A tenth had no leader, and 2 of 9 of the rest a follower that is gone: about 30 %.
  CHECK(answer.latencies[1].most_s > 4.5);
  CHECK(answer.latencies[1].p99_s > 4);
  CHECK(answer.latencies[1].p50_s < 0.5);
  CHECK(answer.latencies[2].p50_s < 0.1);
  CHECK(answer.use[1].after > answer.use[1].before * 1.02);
}

TEST_CASE("simulate: what a broker is asked beyond its means does not hold") {
  Question what = question();
  what.bytes_per_s *= 10;
  const auto answer = simulate(costs(), what);
  CHECK(answer.use[0].before > 1);
  CHECK(answer.worked_off_s > 1);
  CHECK(answer.created == answer.completed);
}

namespace {

// CPU as if idle brokers took 0.2 cores each, a request 1 ms, a MB that is felt 10 ms.
Observed observed(double requests_per_s, double mb_per_s) {
  Observed out;
  out.brokers = 3;
  out.replication = 1;
  out.groups = 1;
  out.requests_per_s = requests_per_s;
  out.messages_per_s = mb_per_s * 1000;
  out.message_bytes = 1000;
  out.broker_cores = 3 * 0.2 + requests_per_s * 0.001 + mb_per_s * 1.25 * 0.01;
  return out;
}

// 1,000 messages/s for 10 s over three brokers that take 0.1 cores each; 150 produce requests a
// second, as many fetches; service times from 2 to 4 ms.
json trial_record(int replication) {
  json curve = json::array();
  for (int k = 0; k <= 20; ++k) {
    json point;
    point["p"] = k * 5.0;
    point["ns"] = 2'000'000 + k * 100'000;
    curve.push_back(point);
  }
  json out = json::parse(R"({
    "status": "finished", "axes": {"rate": "1000/s"}, "generator": {"cpu_s": 1.0},
    "phases": [{"name": "measure", "from_s": 0.0, "to_s": 10.0}],
    "topics": [{"name": "orders"}],
    "workloads": [
      {"name": "produce", "offered_per_s": 1000.0, "message_bytes": 1000,
       "totals": {"intended": 1},
       "latency": {"service": {"mean_ns": 3000000, "percentiles": [
         {"p": 50.0, "ns": 3000000}, {"p": 99.0, "ns": 3980000}]}}},
      {"name": "read", "totals": {"consumed": 1}}]})");
  out["variant"] = "replication=" + std::to_string(replication);
  out["topics"][0]["replication"] = replication;
  out["workloads"][0]["latency"]["service"]["curve"] = curve;
  const json broker = json::parse(R"({"role": "combined", "cpu": 0.1, "requests": {
    "produce": {"count": 500, "queue": {"mean_ns": 100000}, "response_queue": {"mean_ns": 100000},
                "response_send": {"mean_ns": 100000}},
    "fetch_consumer": {"count": 500}}})");
  out["brokers"] = json::array();
  for (int node = 1; node <= 3; ++node) out["brokers"].push_back(broker);
  return out;
}

json record_of(const std::vector<int>& replications) {
  json out;
  out["environment"]["cores"] = 2;
  out["trials"] = json::array();
  for (const int replication : replications) out["trials"].push_back(trial_record(replication));
  return out;
}

}  // namespace

TEST_CASE("simulate: the costs of requests, of bytes and of idling are told apart") {
  const auto fit = fit_cpu({observed(100, 1), observed(400, 1), observed(400, 9)}, 0.25);
  CHECK(fit.idle_cores_per_broker == Approx(0.2));
  CHECK(fit.s_per_request == Approx(0.001));
  CHECK(fit.s_per_byte == Approx(0.01 / 1e6));
  CHECK(fit.error < 1e-6);
  // One trial tells one of them: a request has to take all of it, or a byte.
  const auto alone = fit_cpu({observed(100, 1)}, 0.25);
  CHECK(alone.idle_cores_per_broker == 0);
  CHECK(alone.s_per_request * 100 + alone.s_per_byte * 1.25e6 ==
        Approx(observed(100, 1).broker_cores));
}

TEST_CASE("simulate: a trial is read, fitted, and gives back its own service times") {
  const json record = record_of({1});
  std::vector<std::string> lacks;
  const auto found = fit(View(record), lacks);
  for (const auto& lack : lacks) UNSCOPED_INFO(lack);
  REQUIRE(found);
  CHECK(lacks.empty());
  REQUIRE(found->trials.size() == 1);
  const Observed& trial = found->trials[0];
  CHECK(trial.request_bytes == Approx(10'000 * 1000.0 / 1500));
  CHECK(trial.requests_per_s == Approx(300));
  CHECK(trial.hop_s == Approx(0.0003));
  const auto itself = predict(*found, trial, 1);
  CHECK(itself.mean_s == Approx(0.003).epsilon(0.05));
  CHECK(itself.p50_s == Approx(0.003).epsilon(0.1));
  CHECK(itself.broker_cores == Approx(0.3).epsilon(0.1));

  json spoilt = record;
  spoilt["trials"][0]["brokers"] = json::array();
  CHECK_FALSE(fit(View(spoilt), lacks));
  CHECK(contains(lacks.at(0), "'replication=1': no CPU of brokers"));
}

TEST_CASE("simulate: what was not held out is called unchecked, and what was has its error") {
  const json record = record_of({1, 3});
  std::vector<std::string> lacks;
  const auto found = fit(View(record), lacks);
  REQUIRE(found);
  REQUIRE(found->trials.size() == 1);
  CHECK(contains(answer_text(View(describe(*found, std::nullopt, std::nullopt))), "unchecked"));
  const auto trials = observe(View(record), lacks);
  const std::vector<HeldOut> held_out{predict(*found, trials.at(1), 1)};
  CHECK(held_out[0].mean_s > 0.003);  // more than with one replica
  const auto document = describe(*found, held_out, std::nullopt);
  const double error = document["held_out"][0]["of"]["p50_s"]["error"].get<double>();
  CHECK(error == Approx(held_out[0].p50_s / 0.003 - 1));
  CHECK(contains(answer_text(View(document)), "replication=3"));
  CHECK(contains(answer_text(View(document)), "left out:"));
  std::vector<HeldOut> full = held_out;
  full[0].measured.generator_cores = 1.6;  // of 2, beside 0.3 of the brokers
  const auto doubted = describe(*found, full, std::nullopt);
  CHECK_FALSE(doubted["held_out"][0]["latency_believed"].get<bool>());
  CHECK(contains(answer_text(View(doubted)), "its machine was full"));
}

}  // namespace seatrial::simulate
