// The document of a simulation, and its text.
#include "simulate/answer.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/counted.hpp"
#include "core/time.hpp"
#include "core/units.hpp"

namespace seatrial::simulate {
namespace {

using nlohmann::json;

// By which it may be off before its answer is called so.
constexpr double far_off = 0.25;

json compared(double predicted, double measured) {
  return {{"predicted", predicted},
          {"measured", measured},
          {"error", measured > 0 ? json(predicted / measured - 1) : json()}};
}

// What keeps its latencies from being compared; else empty. Queues of a machine that is full grow
// as long as it is, and tell how long that was.
std::string doubt_of(const Observed& measured) {
  constexpr double full = 0.9;
  const double busy = (measured.broker_cores + measured.generator_cores) / measured.cores;
  if (!measured.connection_limited.empty()) return measured.connection_limited;
  if (busy >= full)
    return fmt::format("its machine was full: brokers and generator took {:.0f} % of it",
                       busy * 100);
  return measured.generator_limited ? "its generator was late" : "";
}

json describe(const HeldOut& one) {
  const std::string doubt = doubt_of(one.measured);
  json out{{"variant", one.variant},
           {"fitted", one.fitted},
           {"latency_believed", doubt.empty()},
           {"of",
            {{"p50_s", compared(one.p50_s, one.measured.p50_s)},
             {"p99_s", compared(one.p99_s, one.measured.p99_s)},
             {"mean_s", compared(one.mean_s, one.measured.mean_s)},
             {"broker_cores", compared(one.broker_cores, one.measured.broker_cores)}}}};
  if (!doubt.empty()) out["why"] = doubt;
  return out;
}

json describe(const Answer& answer, double seconds, double wall_s) {
  json out{{"simulated_brokers", answer.simulated_brokers},
           {"latencies", json::array()},
           {"use", json::object()},
           {"worked_off_s", answer.worked_off_s},
           {"events", answer.events},
           {"times_real_time", wall_s > 0 ? json(seconds / wall_s) : json()}};
  bool holds = true;
  for (const Latencies& one : answer.latencies) {
    out["latencies"].push_back({{"when", one.when},
                                {"requests", one.requests},
                                {"mean_s", one.mean_s},
                                {"p50_s", one.p50_s},
                                {"p99_s", one.p99_s},
                                {"p999_s", one.p999_s},
                                {"most_s", one.most_s}});
  }
  for (const Use& use : answer.use) {
    out["use"][use.of] = {{"before", use.before}, {"after", use.after}};
    holds = holds && use.before < 1 && use.after < 1;
  }
  out["holds"] = holds;
  return out;
}

json describe(const Asked& asked) {
  const Question& question = asked.question;
  return {{"brokers", question.brokers},
          {"replication", question.replication},
          {"acks", question.acks_all ? "all" : "1"},
          {"messages_per_s", asked.messages_per_s},
          {"message_bytes", asked.message_bytes},
          {"groups", static_cast<std::uint64_t>(question.groups)},
          {"lose", question.lose},
          {"seconds", question.seconds},
          {"fenced_after_s", question.fenced_after_s},
          {"request_bytes", asked.costs.request_bytes},
          {"cores", asked.costs.cores},
          {"network_bytes_per_s", asked.costs.network_bytes_per_s},
          {"fitted", asked.fitted},
          {"seed", question.seed}};
}

const std::vector<std::string>& left_out() {
  static const std::vector<std::string> all{
      "disks: an append is the page cache's, without waiting for fsync or writeback",
      "a limit of connections, which a client with few of them meets before brokers do",
      "partitions that are hotter than others, and leaders that are not spread evenly",
      "garbage collection and other pauses, but for those of the fitted runs",
      "requests that grow or shrink with the load: they are as large as in the fitted trial",
      "other machines' cores: they are taken to be as fast as those of the fitted runs",
      "brokers that come back and catch up, and consumers that read old messages from disks"};
  return all;
}

std::string duration(double s) {
  return format_duration(nanoseconds(static_cast<std::int64_t>(std::llround(s * 1e9))));
}

std::string comparison(const View& of, const char* key, bool time) {
  const View row = of[key];
  const auto value = [&](const char* end) {
    const double number = row[end].number_or(0);
    return time ? duration(number) : fmt::format("{:.2f}", number);
  };
  return fmt::format("{:>9} {:>9} {:>+6.0f} %", value("predicted"), value("measured"),
                     row["error"].number_or(0) * 100);
}

void add_fit(const View& fit, std::string& out) {
  out += fmt::format(
      "fitted to {} with one replica: {} of CPU a request, {} a MB, {:.2f} cores an idle broker "
      "(off by {:.0f} % at most)\n",
      fit["trials"].number_or(0) == 1 ? "1 trial"
                                      : fmt::format("{:.0f} trials", fit["trials"].number_or(0)),
      duration(fit["cpu_s_per_request"].number_or(0)),
      duration(fit["cpu_s_per_byte"].number_or(0) * 1e6), fit["idle_cores_per_broker"].number_or(0),
      fit["cpu_error"].number_or(0) * 100);
}

void add_held_out(const View& document, std::string& out) {
  const View held_out = document["held_out"];
  if (!held_out) {
    out +=
        "unchecked: no run with more replicas was held out; --check RUN says how far off it "
        "is\n";
    return;
  }
  out += "held out, predicted first (predicted, measured, error):\n";
  double worst = 0;
  for (const View& one : held_out.items()) {
    const View of = one["of"];
    out += fmt::format("  {}\n    p50 {}\n    p99 {}\n    CPU {} cores\n", one["variant"].text(),
                       comparison(of, "p50_s", true), comparison(of, "p99_s", true),
                       comparison(of, "broker_cores", false));
    if (one["why"]) out += "    its latency is in doubt: " + one["why"].text() + "\n";
    worst = std::max({worst, std::abs(of["p50_s"]["error"].number_or(0)),
                      std::abs(of["broker_cores"]["error"].number_or(0))});
  }
  if (worst > far_off) {
    out += fmt::format("  far off: by {:.0f} % at worst; what follows is no better than that\n",
                       worst * 100);
  }
}

void add_answer(const View& document, std::string& out) {
  const View question = document["question"], answer = document["answer"];
  const auto number = [](const View& of, const char* key) { return of[key].number_or(0); };
  out += fmt::format(
      "\n{:.0f} brokers, {} messages/s of {}, {:.0f} replicas, acks={}, {}, requests of "
      "{} (as in '{}'), {:.0f} cores each\n",
      number(question, "brokers"),
      format_count(static_cast<std::uint64_t>(number(question, "messages_per_s"))),
      format_bytes(static_cast<std::uint64_t>(number(question, "message_bytes"))),
      number(question, "replication"), question["acks"].text(),
      counted(question["groups"].count(), "group"),
      format_bytes(static_cast<std::uint64_t>(number(question, "request_bytes"))),
      question["fitted"].text(), number(question, "cores"));
  const double lose = number(question, "lose");
  if (lose > 0) {
    out += fmt::format("{:.0f} lost after {}, fenced {} later\n", lose,
                       duration(number(question, "seconds") / 3),
                       duration(number(question, "fenced_after_s")));
  }
  out += fmt::format("  {:<14}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "made", "p50", "p99", "p99.9",
                     "most", "requests");
  for (const View& row : answer["latencies"].items()) {
    out += fmt::format("  {:<14}{:>10}{:>10}{:>10}{:>10}{:>10.0f}\n", row["when"].text(),
                       duration(number(row, "p50_s")), duration(number(row, "p99_s")),
                       duration(number(row, "p999_s")), duration(number(row, "most_s")),
                       number(row, "requests"));
  }
  for (const auto& [resource, use] : answer["use"].entries()) {
    out += fmt::format("  {:<14}{:.0f} %", resource, number(use, "before") * 100);
    if (lose > 0)
      out += fmt::format(", {:.0f} % with {:.0f} lost", number(use, "after") * 100, lose);
    out += "\n";
  }
  if (!answer["holds"].boolean().value_or(true)) {
    out += fmt::format(
        "  does not hold: it is asked for more than there is; the queues took {} "
        "after the load to end\n",
        duration(number(answer, "worked_off_s")));
  }
  out += fmt::format("  {:.0f} of the brokers simulated, {:.0f} times faster than real time\n",
                     number(answer, "simulated_brokers"), number(answer, "times_real_time"));
}

}  // namespace

json describe(const Fit& fit, const std::optional<std::vector<HeldOut>>& held_out,
              const std::optional<Asked>& asked) {
  json out{{"fit",
            {{"trials", fit.trials.size()},
             {"idle_cores_per_broker", fit.cpu.idle_cores_per_broker},
             {"cpu_s_per_request", fit.cpu.s_per_request},
             {"cpu_s_per_byte", fit.cpu.s_per_byte},
             {"cpu_error", fit.cpu.error}}},
           {"held_out", nullptr},
           {"question", nullptr},
           {"answer", nullptr},
           {"left_out", left_out()}};
  if (held_out) {
    out["held_out"] = json::array();
    for (const HeldOut& one : *held_out) out["held_out"].push_back(describe(one));
  }
  if (asked) {
    out["question"] = describe(*asked);
    out["answer"] = describe(asked->answer, asked->question.seconds, asked->wall_s);
  }
  return out;
}

std::string answer_text(const View& document) {
  std::string out;
  add_fit(document["fit"], out);
  add_held_out(document, out);
  if (document["answer"]) add_answer(document, out);
  out += "\nleft out:\n";
  for (const View& one : document["left_out"].items()) out += "  " + one.text() + "\n";
  return out;
}

}  // namespace seatrial::simulate
