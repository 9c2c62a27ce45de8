// seatrial simulate: a cluster that no machine at hand holds, as queues fitted to runs.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/errors.hpp"
#include "cli/records.hpp"
#include "cli/verb.hpp"
#include "core/check.hpp"
#include "core/json_text.hpp"
#include "core/numbers.hpp"
#include "simulate/answer.hpp"
#include "sizing/machines.hpp"

namespace seatrial::cli {
namespace {

template <class T>
T simulation_value(const char* option, Result<T> read) {
  if (!read) throw UsageError(std::string(option) + ": " + with_hint(read.error()));
  return std::move(read).value();
}

std::size_t count_of(const char* option, const std::string& text, std::int64_t least) {
  constexpr std::int64_t most = 1'000'000;
  return static_cast<std::size_t>(simulation_value(option, parse_integer(text, least, most)));
}

// 1M/s, and 1e6/s as large numbers are often written.
double messages_per_s(const std::string& text) {
  const auto slash = text.find('/');
  std::string plain = text;
  if (const auto e = text.find('e'); e != text.npos && slash != text.npos && e < slash) {
    const double number = simulation_value("--rate", parse_number(text.substr(0, slash)));
    plain = std::to_string(std::llround(number)) + text.substr(slash);
  }
  const Rate rate = simulation_value("--rate", parse_rate(plain));
  if (rate.unlimited) throw UsageError("--rate: a simulated load has a rate, as 1M/s");
  return rate.per_second();
}

class SimulateVerb final : public Verb {
 public:
  void declare(CLI::App& line) override {
    line.add_option("--from", from_, "a run whose trials with one replica are fitted")->required();
    line.add_option("--check", check_, "a run whose trials with more replicas are predicted first");
    line.add_option("--brokers", brokers_, "of the cluster asked about");
    line.add_option("--rate", rate_, "messages over all of it, as 1M/s");
    line.add_option("--size", size_, "of a message")->capture_default_str();
    line.add_option("--replication", replication_, "replicas")->capture_default_str();
    line.add_option("--acks", acks_, "all or 1")->check(CLI::IsMember({"all", "1"}));
    line.add_option("--groups", groups_, "that read it")->capture_default_str();
    line.add_option("--lose", lose_, "brokers, a third of the way through, for good");
    line.add_option("--fenced-after", fenced_, "what the controller waits for a lost one")
        ->capture_default_str();
    line.add_option("--request", request_, "payload of a produce request; default: as fitted");
    line.add_option("--machine", machine_,
                    "each broker's, as cores=8,disk=250MB/s,network=1.25GB/s,memory=64GiB");
    line.add_option("--for", seconds_, "how long the load lasts")->capture_default_str();
    line.add_option("--sample", sample_, "brokers that stand for all; default: by symmetry");
    line.add_option("--seed", seed_, "same seed, same answer")->capture_default_str();
    line.add_option("--format", format_, "text or json")->check(CLI::IsMember({"text", "json"}));
  }
  [[nodiscard]] std::string example() const override {
    return "simulate --from RF1_RUN --check RF3_RUN --brokers 100 --rate 1M/s --lose 1";
  }
  int run(const std::string&) override {
    if (check_.empty() && rate_.empty()) {
      throw UsageError(
          "nothing is asked: --check RUN predicts a run, --brokers 100 --rate 1M/s "
          "asks about a cluster");
    }
    if (rate_.empty() != brokers_.empty())
      throw UsageError("--brokers and --rate belong together: add the other one");
    // What is wrong with the question is told before runs are read.
    std::optional<simulate::Asked> asked;
    if (!rate_.empty()) asked = read_question();
    seed_value_ = simulation_value("--seed", parse_unsigned(seed_));
    std::vector<std::string> lacks;
    const auto record = load_record(run_folder(from_));
    const auto fit = simulation_value("--from", simulate::fit(record.view(), lacks));
    const auto held_out = predict_held_out(fit, lacks);
    for (const auto& lack : lacks) std::cerr << "seatrial: left out " << lack << "\n";
    if (asked) ask(fit, *asked);
    const auto document = simulate::describe(fit, held_out, asked);
    if (format_ == "json") std::cout << json_text(document, 2) << "\n";
    else std::cout << simulate::answer_text(View(document)) << std::flush;
    return 0;
  }

 private:
  [[nodiscard]] simulate::Asked read_question() const {
    simulate::Asked out;
    auto& question = out.question;
    question.brokers = count_of("--brokers", brokers_, 1);
    question.replication = count_of("--replication", replication_, 1);
    question.groups = static_cast<double>(count_of("--groups", groups_, 0));
    question.lose = count_of("--lose", lose_, 0);
    question.acks_all = acks_ == "all";
    out.messages_per_s = messages_per_s(rate_);
    out.message_bytes = static_cast<double>(simulation_value("--size", parse_size(size_)));
    if (out.message_bytes <= 0) throw UsageError("--size: a message has at least 1 byte");
    question.bytes_per_s = out.messages_per_s * out.message_bytes;
    question.seconds = to_seconds(simulation_value("--for", parse_duration(seconds_)));
    question.fenced_after_s =
        to_seconds(simulation_value("--fenced-after", parse_duration(fenced_)));
    question.seed = simulation_value("--seed", parse_unsigned(seed_));
    if (question.seconds <= 0) throw UsageError("--for: a load takes a time above 0, as 60s");
    if (question.brokers < question.replication + question.lose) {
      throw UsageError("--brokers: " + brokers_ + " cannot hold " + replication_ +
                       " replicas with " + lose_ + " lost; add brokers, or lose fewer");
    }
    if (question.lose > 0 && question.replication == 1) {
      throw UsageError(
          "--lose: with one replica nobody takes over what a lost broker led; "
          "--replication 3 is usual");
    }
    if (question.lose > 0 && question.fenced_after_s >= question.seconds / 2) {
      throw UsageError(
          "--for: the load ends before the cluster has settled after the loss; "
          "give it more than " +
          std::to_string(static_cast<int>(question.fenced_after_s * 2)) + "s");
    }
    question.sample = sample_.empty() ? simulate::sample_of(question.brokers, question.replication)
                                      : count_of("--sample", sample_, 1);
    if (question.sample < question.replication || question.sample > question.brokers) {
      throw UsageError("--sample: " + sample_ + " must be from the replicas (" + replication_ +
                       ") to the brokers (" + brokers_ + ")");
    }
    return out;
  }

  [[nodiscard]] std::optional<std::vector<simulate::HeldOut>> predict_held_out(
      const simulate::Fit& fit, std::vector<std::string>& lacks) const {
    if (check_.empty()) return std::nullopt;
    const auto record = load_record(run_folder(check_));
    std::vector<simulate::HeldOut> out;
    for (const auto& trial : simulate::observe(record.view(), lacks))
      if (trial.replication > 1) out.push_back(simulate::predict(fit, trial, seed_value_));
    if (out.empty()) {
      throw UsageError("--check: " + check_ +
                       " has no finished trial with more than one replica "
                       "and all that a prediction is compared with; run "
                       "scenarios/capacity/replication.yaml on local brokers");
    }
    return out;
  }

  void ask(const simulate::Fit& fit, simulate::Asked& asked) const {
    const auto machine = machine_.empty()
                             ? sizing::usual_machine()
                             : simulation_value("--machine", sizing::parse_machine(machine_));
    simulate::Observed like;
    like.brokers = static_cast<double>(asked.question.brokers);
    like.messages_per_s = asked.messages_per_s;
    const auto& trial = simulate::nearest(fit, like);
    asked.fitted = trial.variant;
    asked.costs = simulate::costs_of(fit, trial, seed_value_);
    asked.costs.hosts = 0;
    asked.costs.cores = machine.cores;
    asked.costs.network_bytes_per_s = machine.network_bytes_per_s;
    asked.costs.background = std::min(fit.cpu.idle_cores_per_broker / machine.cores, 0.95);
    if (!request_.empty()) {
      asked.costs.request_bytes =
          static_cast<double>(simulation_value("--request", parse_size(request_)));
    }
    if (asked.costs.request_bytes < asked.message_bytes)
      asked.costs.request_bytes = asked.message_bytes;
    const auto begin = std::chrono::steady_clock::now();
    asked.answer = simulate::simulate(asked.costs, asked.question);
    asked.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }

  std::string from_, check_, brokers_, rate_, request_, machine_, sample_;
  std::string size_ = "1KiB", replication_ = "3", acks_ = "all", groups_ = "1", lose_ = "0",
              fenced_ = "9s", seconds_ = "60s", seed_ = "1";
  std::string format_ = "text";
  std::uint64_t seed_value_ = 1;
};

const auto simulate_registration = register_verb<SimulateVerb>(
    "simulate", "predict a cluster that no machine at hand holds, from runs");

}  // namespace
}  // namespace seatrial::cli
