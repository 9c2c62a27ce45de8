// From events to spans, and both to JSON.
#include "record/group_record.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace seatrial::record {
namespace {

using nlohmann::json;
using Event = workers::WorkerEvent::Kind;

// Told by process and harness, so not always in order.
std::vector<workers::WorkerEvent> by_time(const workers::WorkerLog& log) {
  auto events = log.events;
  std::ranges::stable_sort(events, {}, &workers::WorkerEvent::at_ns);
  return events;
}

using SpansByPartition = std::map<std::int32_t, std::vector<TimeSpan>>;

// What one member owned and worked on; spans that are open at `end_ns` end there.
SpansByPartition spans_of(const workers::WorkerLog& log, std::int64_t end_ns) {
  SpansByPartition out;
  std::map<std::int32_t, std::int64_t> open;
  std::set<std::int32_t> held;  // owned, if only it moved
  const auto close = [&](std::int32_t partition, std::int64_t at_ns) {
    const auto it = open.find(partition);
    if (it == open.end()) return;
    if (at_ns > it->second) out[partition].push_back({it->second, at_ns});
    open.erase(it);
  };
  const auto close_all = [&](std::int64_t at_ns) {
    while (!open.empty()) close(open.begin()->first, at_ns);
  };
  bool still = false;
  for (const workers::WorkerEvent& event : by_time(log)) {
    if (event.kind == Event::assigned) {
      for (const auto partition : event.partitions) {
        held.insert(partition);
        if (!still) open.try_emplace(partition, event.at_ns);
      }
    } else if (event.kind == Event::revoked || event.kind == Event::lost) {
      for (const auto partition : event.partitions) {
        held.erase(partition);
        close(partition, event.at_ns);
      }
    } else if (event.kind == Event::ended) {
      held.clear();
      still = false;
      close_all(event.at_ns);
    } else if (event.kind == Event::paused) {
      still = true;
      close_all(event.at_ns);
    } else if (event.kind == Event::resumed && still) {
      still = false;
      for (const auto partition : held) open.try_emplace(partition, event.at_ns);
    }
  }
  close_all(std::max(end_ns, std::int64_t{0}));
  return out;
}

std::vector<TimeSpan> uncovered(const std::vector<OwnerSpan>& owners, TimeSpan within) {
  std::vector<TimeSpan> out;
  std::int64_t covered = within.from_ns;
  for (const OwnerSpan& owner : owners) {
    if (owner.span.from_ns >= within.to_ns) break;
    if (owner.span.from_ns > covered) out.push_back({covered, owner.span.from_ns});
    covered = std::max(covered, owner.span.to_ns);
  }
  if (covered < within.to_ns) out.push_back({covered, within.to_ns});
  return out;
}

json to_json(const workers::WorkerEvent& event, std::int64_t origin_ns) {
  json out{{"t_s", to_seconds(nanoseconds(event.at_ns - origin_ns))},
           {"event", to_string(event.kind)}};
  const bool of_partitions = event.kind == Event::assigned || event.kind == Event::revoked ||
                             event.kind == Event::lost || event.kind == Event::commit_refused;
  if (of_partitions) out["partitions"] = event.partitions;
  if (!event.text.empty()) out["text"] = event.text;
  return out;
}

json to_json(const TimeSpan& span, std::int64_t origin_ns) {
  return {{"from_s", to_seconds(nanoseconds(span.from_ns - origin_ns))},
          {"to_s", to_seconds(nanoseconds(span.to_ns - origin_ns))}};
}

json describe_members(std::span<const workers::WorkerLog* const> logs, TimeSpan within) {
  json members = json::array();
  for (const workers::WorkerLog* log : logs) {
    json events = json::array();
    for (const auto& event : by_time(*log)) events.push_back(to_json(event, within.from_ns));
    members.push_back({{"member", members.size() + 1},
                       {"events", std::move(events)},
                       {"handed", log->handed},
                       {"refused_commits", log->refused_commits},
                       {"torn_records", log->torn_records},
                       {"without_report", log->without_report}});
  }
  return members;
}

}  // namespace

nanoseconds PartitionOwners::longest_unowned() const {
  std::int64_t longest = 0;
  for (const TimeSpan& span : unowned) longest = std::max(longest, span.to_ns - span.from_ns);
  return nanoseconds(longest);
}

std::vector<PartitionOwners> owners_of(std::span<const workers::WorkerLog* const> logs,
                                       std::int32_t partitions, TimeSpan within) {
  std::vector<PartitionOwners> out(static_cast<std::size_t>(std::max(partitions, 0)));
  for (std::size_t i = 0; i < out.size(); ++i) out[i].partition = static_cast<std::int32_t>(i);
  int member = 0;
  for (const workers::WorkerLog* log : logs) {
    ++member;
    for (const auto& [partition, spans] : spans_of(*log, within.to_ns)) {
      if (partition < 0 || partition >= partitions) continue;
      auto& owners = out[static_cast<std::size_t>(partition)].owners;
      for (const TimeSpan& span : spans) owners.push_back({member, span});
    }
  }
  for (auto& one : out) {
    std::ranges::stable_sort(one.owners, {}, [](const OwnerSpan& o) { return o.span.from_ns; });
    one.unowned = uncovered(one.owners, within);
  }
  return out;
}

std::uint64_t revoked(std::span<const workers::WorkerLog* const> logs, TimeSpan within) {
  std::uint64_t count = 0;
  for (const workers::WorkerLog* log : logs) {
    bool leaving = false;
    for (const workers::WorkerEvent& event : by_time(*log)) {
      if (event.kind == Event::leaving) leaving = true;
      const bool taken = event.kind == Event::revoked || event.kind == Event::lost;
      if (!taken || leaving || event.at_ns < within.from_ns || event.at_ns >= within.to_ns) {
        continue;
      }
      count += event.partitions.size();
    }
  }
  return count;
}

json describe_share_group(std::span<const workers::WorkerLog* const> logs, TimeSpan within) {
  return {{"share", true}, {"members", describe_members(logs, within)}};
}

json describe_group(std::span<const workers::WorkerLog* const> logs, std::int32_t partitions,
                    TimeSpan within) {
  json members = describe_members(logs, within);
  json owned = json::array();
  std::int64_t longest = 0;
  for (const auto& one : owners_of(logs, partitions, within)) {
    json owners = json::array(), unowned = json::array();
    for (const auto& owner : one.owners) {
      owners.push_back(to_json(owner.span, within.from_ns));
      owners.back()["member"] = owner.member;
    }
    for (const auto& span : one.unowned) unowned.push_back(to_json(span, within.from_ns));
    longest = std::max(longest, static_cast<std::int64_t>(one.longest_unowned().count()));
    owned.push_back({{"partition", one.partition},
                     {"owners", std::move(owners)},
                     {"unowned", std::move(unowned)},
                     {"longest_unowned_ns", one.longest_unowned().count()}});
  }
  return {{"members", std::move(members)},
          {"partitions", std::move(owned)},
          {"longest_unowned_ns", longest}};
}

}  // namespace seatrial::record
