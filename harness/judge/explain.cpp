// Loss as rate x pause, and what the same moment cost with acks=all.
//
// While every follower of a leader stands still, acks=1 goes on acknowledging what only the leader
// has. If the leader dies then, that is lost: about the rate times the time it stood alone, on the
// partitions it led.
#include "judge/explain.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "core/time.hpp"
#include "core/units.hpp"

namespace seatrial::judge {
namespace {

// SIGKILL works at once; that the process is gone is seen only later, most of all in containers.
struct Death {
  std::int64_t node = 0;
  double asked_s = 0;
  View fault;
};

std::vector<Death> deaths(const View& trial) {
  std::vector<Death> out;
  for (const View& fault : trial["faults"].items()) {
    if (!fault["effect"].is("killed") || !fault["status"].is("effective")) continue;
    for (const View& node : fault["evidence"]["nodes"].items()) {
      const auto id = node["node"].integer();
      if (!id || !node["seen_s"]) continue;  // a member, or unseen
      out.push_back({*id, node["asked_s"].number_or(0), fault});
    }
  }
  return out;
}

// How long before the death all other serving brokers had been standing still; nothing if one
// moved.
std::optional<double> alone_for_s(const View& trial, const Death& death) {
  std::set<std::int64_t> others;
  for (const View& node : trial["nodes"].items()) {
    const auto id = node["id"].integer().value_or(0);
    if (!node["role"].is("controller") && id != death.node) others.insert(id);
  }
  double since = 0;
  for (const View& fault : trial["faults"].items()) {
    if (!fault["effect"].is("held")) continue;
    for (const View& node : fault["evidence"]["nodes"].items()) {
      const double from = node["seen_s"].number_or(death.asked_s + 1);
      const double to = node["undone_s"].number_or(death.asked_s + 1);
      if (from > death.asked_s || to < death.asked_s) continue;
      if (others.erase(node["node"].integer().value_or(0)) > 0) since = std::max(since, from);
    }
  }
  if (!others.empty()) return std::nullopt;
  return death.asked_s - since;
}

struct Led {
  std::size_t by_victim = 0, all = 0;
};

Led partitions_led(const Death& death) {
  Led led;
  for (const View& partition : death.fault["evidence"]["partitions"].items()) {
    ++led.all;
    if (partition["leader_before"].integer() == death.node) ++led.by_victim;
  }
  return led;
}

std::string milliseconds_text(double seconds_value) {
  return format_duration(nanoseconds(static_cast<std::int64_t>(seconds_value * 1e9)));
}

double offered_per_s(const View& trial) {
  double rate = 0;
  for (const View& workload : trial["workloads"].items())
    rate += workload["offered_per_s"].number_or(0.0);
  return rate;
}

void explain_death(const View& trial, const Death& death, std::uint64_t lost,
                   std::vector<std::string>& out) {
  const Led led = partitions_led(death);
  const double rate = offered_per_s(trial);
  const auto alone = alone_for_s(trial, death);
  const std::string victim = "broker " + std::to_string(death.node);
  if (!alone || rate <= 0 || led.by_victim == 0) {
    if (lost == 0 && led.by_victim == 0) {
      out.push_back("No acked message was lost when " + victim +
                    " was killed: it led no partition, so what it had the leaders had too.");
    } else if (lost == 0) {
      out.push_back(
          "No acked message was lost when " + victim +
          " was killed; a plain kill under acks=1 loses a few dozen messages or none, those "
          "acked in the last moments before a follower had fetched them.");
    }
    return;
  }
  const double share = static_cast<double>(led.by_victim) / static_cast<double>(led.all);
  const auto expected = static_cast<std::uint64_t>(std::llround(rate * *alone * share));
  const std::string window =
      "For " + milliseconds_text(*alone) + " before " + victim +
      " was killed, every other broker stood still (measured from the states "
      "of the processes). ";
  if (lost > 0) {
    out.push_back(window + "It led " + std::to_string(led.by_victim) + " of " +
                  std::to_string(led.all) +
                  " partitions and went on acknowledging what only it had: " + "rate x pause = " +
                  format_count(static_cast<std::uint64_t>(rate)) + "/s x " +
                  milliseconds_text(*alone) + " x " + std::to_string(led.by_victim) + "/" +
                  std::to_string(led.all) + " = about " + format_count(expected) + " messages. " +
                  format_count(lost) + " acked messages are missing from the log.");
    out.push_back(
        "Without the pause, a plain kill of the leader loses a few dozen messages or none: "
        "the followers are only milliseconds behind.");
  } else {
    out.push_back(window +
                  "Nothing was acknowledged that only it had, so nothing acked was lost; "
                  "with acks=1 about " +
                  format_count(expected) + " messages (rate x pause) would have been.");
  }
}

struct Darkness {
  std::vector<std::int64_t> nodes;
  double unflushed = 0, unwritten = 0;
  // Whether all replicas in sync of some partition were among the nodes.
  bool takes_whole_isr = false;
};

Darkness darkness_of(const View& fault) {
  Darkness out;
  for (const View& node : fault["evidence"]["nodes"].items())
    out.nodes.push_back(node["node"].integer().value_or(0));
  for (const View& counted : fault["evidence"]["counted"].items()) {
    const double bytes = counted["value"].number_or(0);
    if (counted["kind"].is("bytes lost that the disk had not flushed")) out.unflushed += bytes;
    if (counted["kind"].is("bytes lost that the page cache had")) out.unwritten += bytes;
  }
  for (const View& partition : fault["evidence"]["partitions"].items()) {
    const auto isr = partition["isr_before"].items();
    out.takes_whole_isr |= !isr.empty() && std::ranges::all_of(isr, [&](const View& replica) {
      return std::ranges::count(out.nodes, replica.integer().value_or(-1)) > 0;
    });
  }
  return out;
}

// An ack says who has a message, and not where: that is what a power cut shows.
std::string explain_darkness(const Darkness& dark, std::uint64_t lost) {
  std::string who = dark.nodes.size() == 1 ? "Node " : "Nodes ";
  for (std::size_t i = 0; i < dark.nodes.size(); ++i)
    who += (i == 0                       ? ""
            : i + 1 == dark.nodes.size() ? " and "
                                         : ", ") +
           std::to_string(dark.nodes[i]);
  const auto bytes = [](double count) { return format_bytes(static_cast<std::uint64_t>(count)); };
  std::string out = who + (dark.nodes.size() == 1 ? " lost power" : " lost power at once") +
                    ", and with it " + bytes(dark.unwritten) +
                    " that only the page cache had and " + bytes(dark.unflushed) +
                    " that disks had not flushed. ";
  if (!dark.takes_whole_isr) {
    return out + "Of every partition another replica in sync kept its power, and " +
           (lost == 0 ? "no acked message is" : format_count(lost) + " acked messages are") +
           " missing.";
  }
  if (lost == 0)
    return out +
           "No acked message is missing: what was acked had been flushed, or others had it that "
           "kept their power.";
  return out + format_count(lost) +
         " acked messages are missing from the log: all replicas in sync of a partition were "
         "among them, and an ack says that these have a message, not that their disks do.";
}

}  // namespace

std::vector<std::string> explain_outcome(const View& trial) {
  std::vector<std::string> out;
  if (!trial["audit"]["status"].is("complete")) return out;
  const auto lost = trial["audit"]["totals"]["acked_lost"].count();
  for (const Death& death : deaths(trial)) explain_death(trial, death, lost, out);
  for (const View& fault : trial["faults"].items()) {
    if (fault["effect"].is("unpowered") && fault["status"].is("effective"))
      out.push_back(explain_darkness(darkness_of(fault), lost));
  }
  std::uint64_t longest = 0;
  for (const View& partition : trial["availability"].items()) {
    longest = std::max(longest, partition["longest_ns"].count());
  }
  if (longest > 0) {
    out.push_back(
        "The longest time in which a partition had messages due and acknowledged none was " +
        format_duration(nanoseconds(longest)) + ".");
  }
  return out;
}

}  // namespace seatrial::judge
