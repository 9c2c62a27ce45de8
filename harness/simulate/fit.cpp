// Reading trials, least squares, and predicting those that are held out.
#include "simulate/fit.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <optional>

#include "core/check.hpp"

namespace seatrial::simulate {
namespace {

double phase_s(const View& trial) {
  for (const View& phase : trial["phases"].items()) {
    if (phase["name"].is("measure"))
      return phase["to_s"].number_or(0) - phase["from_s"].number_or(0);
  }
  return 0;
}

std::string read_producer(const View& workload, Observed& out) {
  out.message_bytes = workload["message_bytes"].number_or(0);
  out.messages_per_s = workload["offered_per_s"].number_or(0);
  const View service = workload["latency"]["service"];
  out.mean_s = service["mean_ns"].number_or(0) / 1e9;
  for (const View& point : service["curve"].items())
    out.curve.emplace_back(point["p"].number_or(0) / 100, point["ns"].number_or(0) / 1e9);
  for (const View& point : service["percentiles"].items()) {
    const double p = point["p"].number_or(0), s = point["ns"].number_or(0) / 1e9;
    if (std::abs(p - 50) < 1e-6) out.p50_s = s;
    if (std::abs(p - 99) < 1e-6) out.p99_s = s;
  }
  out.generator_limited = workload["generator_limited"].present();
  if (out.messages_per_s <= 0 || out.message_bytes <= 0) return "no paced load";
  if (out.curve.size() < 2 || out.p50_s <= 0 || out.p99_s <= 0) return "too few service times";
  return "";
}

std::string read_workloads(const View& trial, Observed& out) {
  int producers = 0;
  std::string lack = "no producer";
  for (const View& workload : trial["workloads"].items()) {
    if (workload["totals"]["consumed"].present()) ++out.groups;
    if (!workload["totals"]["intended"].present()) continue;
    if (++producers > 1) return "more than one producer";
    lack = read_producer(workload, out);
    const std::string acks =
        trial["contract"]["workloads"][workload["name"].text()]["acks"].text("all");
    out.acks_all = acks == "all" || acks == "-1";
    out.connection_limited = trial["connection_limited"][workload["name"].text()].text();
  }
  return lack;
}

// Counts and means of the brokers' requests within measure.
std::string read_brokers(const View& trial, double seconds, Observed& out) {
  double produced = 0, all = 0, hops = 0;
  for (const View& node : trial["brokers"].items()) {
    if (node["role"].is("controller")) continue;
    ++out.brokers;
    out.broker_cores += node["cpu"].number_or(0);
    for (const auto& [kind, times] : node["requests"].entries()) {
      const double count = times["count"].number_or(0);
      all += count;
      if (kind != "produce") continue;
      produced += count;
      for (const char* part : {"queue", "response_queue", "response_send"})
        hops += count * times[part]["mean_ns"].number_or(0) / 1e9;
    }
  }
  if (out.broker_cores <= 0) return "no CPU of brokers";
  if (produced <= 0 || seconds <= 0) return "no counts of requests (broker_metrics)";
  out.requests_per_s = all / seconds;
  out.hop_s = hops / produced;
  out.request_bytes = out.messages_per_s * out.message_bytes * seconds / produced;
  return "";
}

std::string read_trial(const View& trial, double cores, Observed& out) {
  out.variant = trial["variant"].text();
  for (const auto& [axis, value] : trial["axes"].entries()) out.axes[axis] = value.text();
  out.cores = cores;
  if (!trial["status"].is("finished")) return "it did not finish";
  for (const View& topic : trial["topics"].items()) {
    const double factor = topic["replication"].number_or(0);
    if (out.replication > 0 && out.replication != factor) return "topics of several factors";
    out.replication = factor;
  }
  if (out.replication < 1) return "no topic";
  const double seconds = phase_s(trial);
  if (const auto lack = read_workloads(trial, out); !lack.empty()) return lack;
  if (const auto lack = read_brokers(trial, seconds, out); !lack.empty()) return lack;
  out.generator_cores = trial["generator"]["cpu_s"].number_or(0) / seconds;
  return out.cores > 0 ? "" : "no count of cores";
}

// Bytes a second as CPU feels them, over all brokers.
double felt_bytes(const Observed& trial, double read_weight) {
  const double sent = trial.groups + trial.replication - 1;
  return trial.messages_per_s * trial.message_bytes * (trial.replication + sent * read_weight);
}

// One equation of each trial: cores are these times the unknowns.
using Row = std::array<double, 3>;

// The unknowns that `chosen` names, by the normal equations; nothing if they do not tell.
std::optional<Row> solve(const std::vector<Row>& rows, const std::vector<double>& right,
                         unsigned chosen) {
  std::vector<std::size_t> of;
  for (std::size_t k = 0; k < 3; ++k)
    if ((chosen >> k & 1U) != 0) of.push_back(k);
  const std::size_t n = of.size();
  std::vector<std::vector<double>> m(n, std::vector<double>(n + 1, 0));
  for (std::size_t t = 0; t < rows.size(); ++t) {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) m[i][j] += rows[t][of[i]] * rows[t][of[j]];
      m[i][n] += rows[t][of[i]] * right[t];
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (std::abs(m[i][i]) < 1e-12) return std::nullopt;
    for (std::size_t below = 0; below < n; ++below) {
      if (below == i) continue;
      const double factor = m[below][i] / m[i][i];
      for (std::size_t j = i; j <= n; ++j) m[below][j] -= factor * m[i][j];
    }
  }
  Row out{};
  for (std::size_t i = 0; i < n; ++i) out[of[i]] = m[i][n] / m[i][i];
  return out;
}

double predicted_by(const Row& row, const Row& unknowns) {
  return row[0] * unknowns[0] + row[1] * unknowns[1] + row[2] * unknowns[2];
}

double quantile(const std::vector<std::pair<double, double>>& curve, double share) {
  const auto above = std::ranges::lower_bound(curve, share, {}, &std::pair<double, double>::first);
  if (above == curve.begin()) return above->second;
  if (above == curve.end()) return curve.back().second;
  const auto& [to_share, to_s] = *above;
  const auto& [from_share, from_s] = *(above - 1);
  const double part = to_share > from_share ? (share - from_share) / (to_share - from_share) : 1;
  return from_s + (to_s - from_s) * part;
}

constexpr double read_weight = 0.25;  // as harness/sizing assumes it

Question question_of(const Observed& trial, std::uint64_t seed) {
  return {.brokers = static_cast<std::size_t>(trial.brokers),
          .replication = static_cast<std::size_t>(trial.replication),
          .acks_all = trial.acks_all,
          .bytes_per_s = trial.messages_per_s * trial.message_bytes,
          .groups = trial.groups,
          .seconds = 300,
          .seed = seed};
}

}  // namespace

std::vector<Observed> observe(const View& record, std::vector<std::string>& lacks) {
  std::vector<Observed> out;
  const double cores = record["environment"]["cores"].number_or(0);
  for (const View& trial : record["trials"].items()) {
    Observed one;
    const std::string lack = read_trial(trial, cores, one);
    if (lack.empty()) out.push_back(std::move(one));
    else lacks.push_back("trial '" + one.variant + "': " + lack);
  }
  return out;
}

CpuFit fit_cpu(const std::vector<Observed>& trials, double weight) {
  std::vector<Row> rows;
  std::vector<double> right;
  for (const Observed& trial : trials) {
    rows.push_back({trial.requests_per_s, felt_bytes(trial, weight) / 1e6, trial.brokers});
    right.push_back(trial.broker_cores);
  }
  Row best{};
  double least = -1;
  for (unsigned chosen = 1; chosen < 8; ++chosen) {
    const bool work = (chosen & 3U) != 0;  // idle brokers alone would carry anything
    if (!work || static_cast<std::size_t>(std::popcount(chosen)) > trials.size()) continue;
    const auto unknowns = solve(rows, right, chosen);
    if (!unknowns || std::ranges::any_of(*unknowns, [](double x) { return x < 0; })) continue;
    double error = 0;
    for (std::size_t t = 0; t < rows.size(); ++t)
      error += std::pow(predicted_by(rows[t], *unknowns) - right[t], 2);
    if (least >= 0 && error >= least * (1 - 1e-9)) continue;
    least = error;
    best = *unknowns;
  }
  CpuFit out{
      .idle_cores_per_broker = best[2], .s_per_request = best[0], .s_per_byte = best[1] / 1e6};
  for (std::size_t t = 0; t < rows.size(); ++t)
    out.error = std::max(out.error, std::abs(predicted_by(rows[t], best) / right[t] - 1));
  return out;
}

Result<Fit> fit(const View& record, std::vector<std::string>& lacks) {
  Fit out;
  for (Observed& trial : observe(record, lacks))
    if (trial.replication == 1) out.trials.push_back(std::move(trial));
  if (out.trials.empty()) {
    return Error{"no finished trial with one replica has what a fit needs",
                 "run scenarios/capacity/replication.yaml on local brokers and name that run"};
  }
  out.cpu = fit_cpu(out.trials, read_weight);
  return out;
}

const Observed& nearest(const Fit& fit, const Observed& to) {
  const auto distance = [&](const Observed& trial) {
    double different = 0;
    for (const auto& [axis, value] : to.axes) {
      const auto own = trial.axes.find(axis);
      if (own != trial.axes.end() && own->second != value) ++different;
    }
    const double rate = trial.messages_per_s / trial.brokers,
                 asked = to.messages_per_s / to.brokers;
    return different * 1e3 + std::abs(std::log(rate / asked));
  };
  return *std::ranges::min_element(fit.trials, {}, distance);
}

Costs costs_of(const Fit& fit, const Observed& trial, std::uint64_t seed) {
  const double idle = fit.cpu.idle_cores_per_broker * trial.brokers + trial.generator_cores;
  Costs out{.cpu_s_per_request = fit.cpu.s_per_request,
            .cpu_s_per_byte = fit.cpu.s_per_byte,
            .read_weight = read_weight,
            .hop_s = trial.hop_s,
            .request_bytes = trial.request_bytes,
            .cores = trial.cores,
            .background = std::min(idle / trial.cores, 0.95),
            .hosts = 1,
            .outside_s = {}};
  const auto inside = simulate(out, question_of(trial, seed)).latencies;
  check(!inside.empty(), "a fitted trial has a load");
  // In equal steps of probability, less what the model has already.
  constexpr int steps = 2000;
  for (int k = 0; k <= steps; ++k) {
    const double all_s = quantile(trial.curve, static_cast<double>(k) / steps);
    out.outside_s.push_back(std::max(0.0, all_s - inside.front().mean_s));
  }
  return out;
}

HeldOut predict(const Fit& fit, const Observed& held_out, std::uint64_t seed) {
  const Observed& like = nearest(fit, held_out);
  const Costs costs = costs_of(fit, like, seed);
  HeldOut out{.variant = held_out.variant,
              .fitted = like.variant,
              .measured = held_out,
              .answer = simulate(costs, question_of(held_out, seed))};
  const Latencies& all = out.answer.latencies.front();
  out.p50_s = all.p50_s;
  out.p99_s = all.p99_s;
  out.mean_s = all.mean_s;
  out.broker_cores = out.answer.use.front().before * costs.cores - like.generator_cores;
  return out;
}

}  // namespace seatrial::simulate
