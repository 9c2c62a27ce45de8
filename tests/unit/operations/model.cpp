// Rendering of the tests' histories, and of findings as texts.
#include "unit/operations/model.hpp"

#include <algorithm>
#include <map>
#include <sstream>

#include "core/check.hpp"
#include "core/units.hpp"
#include "operations/reader.hpp"

namespace seatrial::operations::test {
namespace {

std::string join(const auto& items, auto render) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ",") + render(item);
  return "[" + out + "]";
}

std::string number(auto n) { return std::to_string(n); }

std::string micro_json(const MicroOperation& micro, bool invoked) {
  const auto pair = [](const Item& item) {
    return "[" + (item.offset ? std::to_string(*item.offset) : "null") + "," +
           std::to_string(item.value) + "]";
  };
  if (micro.is_send) {
    const Item& item = micro.items.front();
    return "[\"send\"," + std::to_string(item.key) + "," +
           (invoked ? std::to_string(item.value) : pair(item)) + "]";
  }
  if (invoked) return "[\"poll\"]";
  std::map<int, std::vector<Item>> by_key;
  for (const Item& item : micro.items) by_key[item.key].push_back(item);
  std::string out;
  for (const auto& [key, items] : by_key) {
    out += std::string(out.empty() ? "" : ",") + "\"" + std::to_string(key) +
           "\":" + join(items, pair);
  }
  return "[\"poll\",{" + out + "}]";
}

std::string line_json(const Op& op, bool invoked, std::int64_t time_ns) {
  std::string out = "{\"time\":" + std::to_string(time_ns) +
                    ",\"process\":" + std::to_string(op.process) + ",\"type\":\"" +
                    (invoked ? "invoke" : op.type) + "\",\"f\":\"" + op.f + "\",\"value\":";
  if (op.f == "crash") out += "null";
  else if (op.f == "assign" || op.f == "subscribe") out += join(op.keys, number<int>);
  else out += join(op.micro, [&](const MicroOperation& m) { return micro_json(m, invoked); });
  if (op.seeks) out += ",\"seek-to-beginning?\":true";
  std::string log;
  if (!op.rebalanced.empty()) log += "{\"keys\":" + join(op.rebalanced, number<int>) + "}";
  if (op.rebalanced_all) log += std::string(log.empty() ? "" : ",") + "{}";
  if (!invoked && !log.empty()) out += ",\"rebalance-log\":[" + log + "]";
  return out + "}\n";
}

}  // namespace

std::vector<Item> Op::sent() const {
  std::vector<Item> out;
  for (const auto& m : micro) {
    if (m.is_send) out.push_back(m.items.front());
  }
  return out;
}

std::vector<Item> Op::polled(std::optional<int> key) const {
  std::vector<Item> out;
  for (const auto& m : micro) {
    if (m.is_send || unfinished) continue;
    for (const Item& item : m.items) {
      if (!key || item.key == *key) out.push_back(item);
    }
  }
  return out;
}

bool Op::is_rebalanced(int key) const {
  return rebalanced_all || std::ranges::find(rebalanced, key) != rebalanced.end();
}

std::string to_jsonl(std::vector<Op>& ops) {
  struct Event {
    double place;
    std::size_t op;
    bool invoked;
  };
  std::vector<Event> events;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (!ops[i].bare) events.push_back({ops[i].invoked, i, true});
    if (!ops[i].unfinished) events.push_back({ops[i].completed, i, false});
  }
  std::ranges::stable_sort(events, {}, &Event::place);
  std::string out;
  std::int64_t line = 0;
  std::map<int, std::int64_t> completed;  // by process: the line of its last completion
  for (const Event& event : events) {
    Op& op = ops[event.op];
    ++line;
    const std::int64_t time_ns = line * 1000 + (op.late ? 20'000'000'000 : 0);
    if (event.invoked || op.bare) op.invoked_ns = time_ns;
    if (event.invoked) op.begun = line;
    else if (op.bare && completed.contains(op.process)) op.begun = completed[op.process] + 1;
    if (!event.invoked) completed[op.process] = line;
    op.time_ns = time_ns;
    op.index = line;
    out += line_json(op, event.invoked, time_ns);
  }
  return out;
}

std::string to_string(const Place& place, const std::vector<Op>& ops) {
  std::vector<std::int64_t> indices;
  for (const std::size_t op : place.ops) indices.push_back(ops[op].index);
  std::string out = place.anomaly + " " + std::string(operations::to_string(place.weight));
  if (place.anomaly == "G1c-realtime") return out + " by " + join(indices, number<std::int64_t>);
  if (place.key) out += " key " + std::to_string(*place.key);
  out += " " + join(place.values, number<int>) + " at " + join(place.offsets, number<std::int64_t>);
  if (place.skipped > 0) out += " skipped " + std::to_string(place.skipped);
  if (place.lag_ns > 0) out += " lag " + std::to_string(place.lag_ns);
  return out + " by " + join(indices, number<std::int64_t>);
}

std::multiset<std::string> found_by(const History& history, const Judgement& judgement) {
  std::multiset<std::string> out;
  for (const auto& [name, findings] : judgement.anomalies) {
    check(findings.kept().size() == findings.count(), "all findings are kept");
    for (const Finding& finding : findings.kept()) {
      std::vector<std::int64_t> indices;
      for (const Proof& proof : finding.operations) {
        indices.push_back(history[proof.operation].index);
      }
      if (name == "duplicate" || name == "inconsistent-offsets") indices.clear();
      if (name == "lost-write" || name.ends_with("-realtime")) indices.resize(1);
      if (name == "G0" || name == "G1c") std::ranges::sort(indices);
      std::string text = name + " " + std::string(operations::to_string(finding.weight));
      if (name == "G1c-realtime") {  // which message it was may be chosen freely, too
        out.insert(text + " by " + join(indices, number<std::int64_t>));
        continue;
      }
      if (finding.key) {
        std::string key = history.keys.json(finding.key->value);
        std::erase(key, '"');  // it is one if only polls name it
        text += " key " + key;
      }
      std::vector<int> values;
      for (const MessageId id : finding.values)
        values.push_back(static_cast<int>(*parse_integer(history.messages.json(id))));
      if (name == "inconsistent-offsets") std::ranges::sort(values);
      text +=
          " " + join(values, number<int>) + " at " + join(finding.offsets, number<std::int64_t>);
      if (finding.skipped > 0) text += " skipped " + std::to_string(finding.skipped);
      if (finding.lag_ns) text += " lag " + std::to_string(*finding.lag_ns);
      out.insert(text + " by " + join(indices, number<std::int64_t>));
    }
  }
  return out;
}

History read(const std::string& jsonl) {
  std::istringstream in(jsonl);
  auto history = read_history(in, "test");
  if (!history) throw InvariantBroken(history.error().message + "\n" + jsonl);
  return std::move(*history);
}

std::string text_of(const std::multiset<std::string>& places) {
  std::string out;
  for (const auto& place : places) out += "  " + place + "\n";
  return out;
}

}  // namespace seatrial::operations::test
