// Lines are made with their times first, then put in order and numbered: lanes and groups told of
// their operations side by side.
#include "record/history_export.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace seatrial::record {
namespace {

using ledger::PollOperation;
using ledger::SendOperation;
using nlohmann::json;

// Processes do one thing at a time: a message in flight holds its slot, a transaction its lane, and
// a consumer polls. Each of them gets numbers of its own.
constexpr std::int64_t slots_per_lane = 1 << 20;
constexpr std::int64_t first_transaction_process = std::int64_t{1} << 40;
constexpr std::int64_t first_poll_process = std::int64_t{1} << 41;
constexpr std::int64_t members_per_group = 1 << 20;

std::uint64_t value_of(StreamId stream, Seq seq) {
  return std::uint64_t{stream.value} << 40U | seq.value;
}

struct Line {
  std::int64_t at_ns = 0;
  json event;
};

class Exporter {
 public:
  Exporter(const History& history, const ExportSetting& setting)
      : history_(history), setting_(setting) {
    for (const TransactionHistory& transaction : history.transactions) {
      for (const StreamSpan& span : transaction.writes) {
        owners_[{span.stream, span.begin}] = {span.end, &transaction};
      }
    }
  }

  void add(const SendOperation& send) {
    if (const TransactionHistory* transaction = owner_of(send)) {
      transactions_[transaction].push_back(send);
      return;
    }
    const std::int64_t process =
        std::int64_t{send.lane.value} * slots_per_lane + std::int64_t{send.slot};
    invoke(send.sent_ns, process, "send", json::array({invoked(send)}));
    complete(send.done_ns, process, "send", type_of(send.end), json::array({completed(send)}));
  }

  void add(const PollOperation& poll) {
    const auto group = groups_.try_emplace(poll.workload, groups_.size()).first->second;
    const auto process = first_poll_process + static_cast<std::int64_t>(group) * members_per_group +
                         std::int64_t{poll.member};
    const std::string& topic = setting_.group_topics.at(poll.workload);
    json polled = json::object();
    auto& assigned = assignments_[process];
    bool reassigned = false;
    for (const auto& message : poll.messages) {
      const std::string key = to_string(TopicPartition{topic, message.partition});
      const auto [known, is_new] = assigned.try_emplace(key, message.assignment);
      reassigned = reassigned || is_new || known->second != message.assignment;
      known->second = message.assignment;
      if (!message.identified) continue;
      polled[key].push_back({message.offset, value_of(message.stream, message.seq)});
    }
    if (reassigned) {
      json keys = json::array();
      for (const auto& [key, assignment] : assigned) keys.push_back(key);
      invoke(poll.at_ns, process, "assign", keys);
      complete(poll.at_ns, process, "assign", "ok", keys);
    }
    invoke(poll.at_ns, process, "poll", json::array({json::array({"poll"})}));
    complete(poll.at_ns, process, "poll", "ok", json::array({json::array({"poll", polled})}));
  }

  void write(std::ostream& out) {
    for (const auto& [transaction, sends] : transactions_) add(*transaction, sends);
    std::ranges::stable_sort(lines_, {}, &Line::at_ns);
    std::uint64_t index = 0;
    for (Line& line : lines_) {
      line.event["index"] = index++;
      out << line.event.dump() << '\n';
    }
  }

 private:
  const TransactionHistory* owner_of(const SendOperation& send) const {
    auto at = owners_.upper_bound({send.stream, send.seq.value});
    if (at == owners_.begin()) return nullptr;
    --at;
    const bool inside = at->first.first == send.stream && send.seq.value < at->second.first;
    return inside ? at->second.second : nullptr;
  }

  void add(const TransactionHistory& transaction, const std::vector<SendOperation>& sends) {
    json begun = json::array(), done = json::array();
    std::int64_t from = sends.front().sent_ns, to = sends.front().done_ns;
    for (const SendOperation& send : sends) {
      begun.push_back(invoked(send));
      done.push_back(completed(send));
      from = std::min(from, send.sent_ns);
      to = std::max(to, send.done_ns);
    }
    const auto process = first_transaction_process + std::int64_t{transaction.lane.value};
    const char* type = transaction.outcome == TransactionHistory::Outcome::committed ? "ok"
                       : transaction.outcome == TransactionHistory::Outcome::aborted ? "fail"
                                                                                     : "info";
    invoke(from, process, "txn", std::move(begun));
    complete(to, process, "txn", type, std::move(done));
  }

  static const char* type_of(SendOperation::End end) {
    if (end == SendOperation::End::acked) return "ok";
    return end == SendOperation::End::failed ? "fail" : "info";
  }
  [[nodiscard]] std::string key_of(const SendOperation& send) const {
    return to_string(history_.streams.at(send.stream.value).where);
  }
  [[nodiscard]] json invoked(const SendOperation& send) const {
    return {"send", key_of(send), value_of(send.stream, send.seq)};
  }
  [[nodiscard]] json completed(const SendOperation& send) const {
    const json offset = send.offset < 0 ? json() : json(send.offset);
    return {"send", key_of(send), {offset, value_of(send.stream, send.seq)}};
  }
  void invoke(std::int64_t at_ns, std::int64_t process, const char* f, json value) {
    put(at_ns, process, "invoke", f, std::move(value));
  }
  void complete(std::int64_t at_ns, std::int64_t process, const char* f, const char* type,
                json value) {
    put(at_ns, process, type, f, std::move(value));
  }
  void put(std::int64_t at_ns, std::int64_t process, const char* type, const char* f, json value) {
    lines_.push_back({at_ns,
                      {{"time", at_ns},
                       {"process", process},
                       {"type", type},
                       {"f", f},
                       {"value", std::move(value)}}});
  }

  const History& history_;
  const ExportSetting& setting_;
  std::map<std::pair<StreamId, std::uint64_t>, std::pair<std::uint64_t, const TransactionHistory*>>
      owners_;  // first message of a span -> its end, and whose it is
  std::map<const TransactionHistory*, std::vector<SendOperation>> transactions_;
  std::map<std::string, std::size_t> groups_;
  std::map<std::int64_t, std::map<std::string, std::uint32_t>> assignments_;  // by process, key
  std::vector<Line> lines_;
};

}  // namespace

void write_history(std::ostream& out, ledger::OperationLog::Kept operations, const History& history,
                   const ExportSetting& setting) {
  Exporter exporter(history, setting);
  for (const SendOperation& send : operations.sends) exporter.add(send);
  for (const PollOperation& poll : operations.polls) exporter.add(poll);
  exporter.write(out);
}

}  // namespace seatrial::record
