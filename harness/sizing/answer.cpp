// The document, and its text.
#include "sizing/answer.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "core/check.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "sizing/equations.hpp"

namespace seatrial::sizing {
namespace {

using nlohmann::json;

json describe(const Demand& demand) {
  json out{{"ingress_bytes_per_s", demand.ingress_bytes_per_s},
           {"average_bytes_per_s", demand.average_bytes_per_s > 0 ? demand.average_bytes_per_s
                                                                  : demand.ingress_bytes_per_s},
           {"groups", demand.groups},
           {"replication", demand.replication},
           {"tolerate", demand.tolerate},
           {"retention_s", demand.retention_s},
           {"growth", demand.growth},
           {"outage_s", demand.outage_s}};
  if (demand.message_bytes > 0) out["message_bytes"] = demand.message_bytes;
  return out;
}

json describe(const Machine& machine) {
  json out{{"name", machine.name},
           {"cores", machine.cores},
           {"disk_bytes_per_s", machine.disk_bytes_per_s},
           {"network_bytes_per_s", machine.network_bytes_per_s},
           {"memory_bytes", machine.memory_bytes}};
  if (machine.storage_bytes > 0) out["storage_bytes"] = machine.storage_bytes;
  return out;
}

json describe(const Estimate& estimate) {
  json out{{"brokers", estimate.brokers},
           {"binding", estimate.binding},
           {"bounds", json::array()},
           {"partitions", estimate.partitions},
           {"storage_bytes", estimate.storage_bytes},
           {"storage_bytes_per_broker", estimate.storage_bytes_per_broker},
           {"memory_bytes_per_broker", estimate.memory_bytes_per_broker},
           {"network_in_bytes_per_s", estimate.load.network_in_bytes_per_s},
           {"network_out_bytes_per_s", estimate.load.network_out_bytes_per_s},
           {"disk_bytes_per_s", estimate.load.disk_bytes_per_s},
           {"cpu_cores", estimate.load.cpu_cores},
           {"carries_bytes_per_s", estimate.carries_bytes_per_s},
           {"catch_up_s", estimate.catch_up_s},
           {"refill_s", estimate.refill_s < 0 ? json() : json(estimate.refill_s)},
           {"states", json::array()}};
  for (const Bound& bound : estimate.bounds)
    out["bounds"].push_back({{"resource", bound.resource}, {"brokers", bound.brokers}});
  for (const State& state : estimate.states) {
    json used = json::object();
    for (const Share& share : state.used) used[share.resource] = share.of_one;
    out["states"].push_back({{"name", state.name}, {"brokers", state.brokers}, {"used", used}});
  }
  return out;
}

// An error with its hint, where there are others to choose.
json choice_of(const Demand& demand, const Choice& choice, const Coefficients& coefficients,
               bool only) {
  json out{{"machine", describe(choice.machine)}, {"assumed", choice.assumed}};
  for (const auto& [key, end] : {std::pair{"few", End::few}, std::pair{"many", End::many}}) {
    const auto found = estimate(demand, choice.machine, values_at(coefficients, end));
    if (found) {
      out[key] = describe(*found);
      continue;
    }
    const std::string why = found.error().message + "; " + found.error().hint;
    if (only) throw UsageError(why);
    out["error"] = why;
  }
  return out;
}

std::string bytes(double n) {
  constexpr std::array<const char*, 6> units{"B", "kB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  for (; n >= 999.5 && unit + 1 < units.size(); ++unit) n /= 1000;
  return n < 9.95 && unit > 0 ? fmt::format("{:.1f} {}", n, units[unit])
                              : fmt::format("{:.0f} {}", n, units[unit]);
}

std::string rate(double n) { return bytes(n) + "/s"; }

std::string duration(double s) {
  if (s > 9e8) return "for ever";
  return format_duration(nanoseconds(static_cast<std::int64_t>(std::llround(s * 1e9))));
}

std::string plain(double n) { return fmt::format("{:.0f}", n); }

std::string value_text(double value, const std::string& unit) {
  if (unit == "bytes") return bytes(value);
  if (unit == "bytes/s") return rate(value);
  return fmt::format("{:.4g}", value) + (unit.empty() ? "" : " " + unit);
}

using Write = std::function<std::string(const View&)>;

struct Line {
  const char* name;
  Write write;
};

Write number_of(const char* key, std::string (*text)(double)) {
  return [key, text](const View& of) { return text(of[key].number_or(0)); };
}

const std::vector<Line>& lines() {
  static const std::vector<Line> all{
      {"brokers", number_of("brokers", plain)},
      {"  bound by", [](const View& of) { return of["binding"].text(); }},
      {"partitions", number_of("partitions", plain)},
      {"disk of each broker", number_of("storage_bytes_per_broker", bytes)},
      {"memory of each, heap + cache", number_of("memory_bytes_per_broker", bytes)},
      {"written to disks, all", number_of("disk_bytes_per_s", rate)},
      {"network in, all", number_of("network_in_bytes_per_s", rate)},
      {"network out, all", number_of("network_out_bytes_per_s", rate)},
      {"cores busy, all",
       [](const View& of) { return fmt::format("{:.1f}", of["cpu_cores"].number_or(0)); }},
      {"carries at most", number_of("carries_bytes_per_s", rate)},
      {"caught up after", number_of("catch_up_s", duration)},
      {"a broker refilled after", [](const View& of) {
         return of["refill_s"] ? duration(of["refill_s"].number_or(0)) : std::string("never");
       }}};
  return all;
}

// What each state leaves to those that are up: the resource that is used most.
std::string state_text(const View& state) {
  std::string most;
  double share = -1;
  for (const auto& [resource, used] : state["used"].entries()) {
    if (used.number_or(0) <= share) continue;
    share = used.number_or(0);
    most = resource;
  }
  return fmt::format("{} {:.0f} %{}", most, share * 100, share >= 1 ? ", does not hold" : "");
}

void add_row(std::string& out, const std::string& name, const std::string& few,
             const std::string& many) {
  out += fmt::format("  {:<32}{:<22}{}\n", name, few, many);
}

void add_states(const View& few, const View& many, std::string& out) {
  out += "\n";
  add_row(out, "at peak, of the brokers that are up", "", "");
  const auto most = std::max(few["states"].size(), many["states"].size());
  for (std::size_t i = 0; i < most; ++i) {
    const View one = few["states"].at(i), other = many["states"].at(i);
    add_row(out, (one ? one : other)["name"].text(), one ? state_text(one) : "",
            other ? state_text(other) : "");
  }
}

void add_choice(const View& choice, std::string& out) {
  const View few = choice["few"], many = choice["many"];
  out += fmt::format(
      "machine: {}{}\n\n", choice["machine"]["name"].text(),
      choice["assumed"].boolean().value_or(false) ? " (assumed; --machine describes yours)" : "");
  add_row(out, "", "low", "high");
  for (const Line& line : lines()) add_row(out, line.name, line.write(few), line.write(many));
  add_states(few, many, out);
}

// Several machines: what it comes to on each.
void add_table(const View& answer, std::string& out) {
  out += fmt::format("{:<20}{:<14}{:<26}{:<22}{}\n", "machine", "brokers", "bound by",
                     "disk of each", "one down");
  for (const View& choice : answer["choices"].items()) {
    const std::string name = choice["machine"]["name"].text();
    if (choice["error"]) {
      out += fmt::format("{:<20}{}\n", name, choice["error"].text());
      continue;
    }
    const View few = choice["few"], many = choice["many"];
    const auto both = [&](const std::string& a, const std::string& b) {
      return a == b ? a : a + " to " + b;
    };
    out +=
        fmt::format("{:<20}{:<14}{:<26}{:<22}{}\n", name,
                    both(plain(few["brokers"].number_or(0)), plain(many["brokers"].number_or(0))),
                    both(few["binding"].text(), many["binding"].text()),
                    both(bytes(few["storage_bytes_per_broker"].number_or(0)),
                         bytes(many["storage_bytes_per_broker"].number_or(0))),
                    state_text(many["states"].at(1)));
  }
}

std::string demand_text(const View& demand) {
  const auto number = [&](const char* key) { return demand[key].number_or(0); };
  std::string out = fmt::format(
      "{} at peak, {} on average, {:.0f} groups, {:.0f} replicas, {} kept, {:.0f} may be down",
      rate(number("ingress_bytes_per_s")), rate(number("average_bytes_per_s")), number("groups"),
      number("replication"), duration(number("retention_s")), number("tolerate"));
  if (number("growth") != 0) out += fmt::format(", {:+.0f} % to come", number("growth") * 100);
  if (demand["message_bytes"]) {
    out +=
        fmt::format(", {:.0f} messages/s", number("ingress_bytes_per_s") / number("message_bytes"));
  }
  return out + "\n";
}

}  // namespace

json answer(const Demand& demand, const std::vector<Choice>& choices,
            const Coefficients& coefficients) {
  if (const auto wrong = problem(demand)) throw UsageError(wrong->message + "; " + wrong->hint);
  json out{
      {"demand", describe(demand)}, {"coefficients", json::array()}, {"choices", json::array()}};
  for (const auto& row : coefficient_rows()) {
    const Coefficient& of = coefficients.*row.coefficient;
    out["coefficients"].push_back({{"name", row.name},
                                   {"unit", row.unit},
                                   {"few", of.few},
                                   {"many", of.many},
                                   {"measured", of.measured},
                                   {"source", of.source}});
  }
  for (const Choice& choice : choices)
    out["choices"].push_back(choice_of(demand, choice, coefficients, choices.size() == 1));
  return out;
}

std::string answer_text(const View& answer) {
  std::string out = demand_text(answer["demand"]);
  if (answer["choices"].size() == 1) add_choice(answer["choices"].at(0), out);
  else add_table(answer, out);
  out += fmt::format(
      "\n  caught up: after producers were held back for {}; a broker that was away "
      "as long\n\n",
      duration(answer["demand"]["outage_s"].number_or(0)));
  for (const View& row : answer["coefficients"].items()) {
    const std::string unit = row["unit"].text();
    const double few = row["few"].number_or(0), many = row["many"].number_or(0);
    const std::string both =
        few == many ? value_text(few, unit) : value_text(few, "") + " to " + value_text(many, unit);
    const bool sized = unit == "bytes" || unit == "bytes/s";
    out += fmt::format(
        "  {:<9} {:<22}{:<36}{}\n",
        row["measured"].boolean().value_or(false) ? "measured" : "assumed", row["name"].text(),
        few != many && sized ? value_text(few, unit) + " to " + value_text(many, unit) : both,
        row["source"].text());
  }
  return out;
}

}  // namespace seatrial::sizing
