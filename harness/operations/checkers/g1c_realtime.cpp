// G1c-realtime: somebody polled what was sent, or depends on, only later.
// Cost: linear in what was polled; more where polls form cycles, which G1c finds.
#include <memory>
#include <vector>

#include "core/registry.hpp"
#include "operations/checker.hpp"

namespace seatrial::operations {
namespace {

// For each operation the latest beginning among those whose messages reach it by polls, itself
// included. No operation may complete before that.
class Reach {
 public:
  explicit Reach(const Facts& facts)
      : facts_(facts),
        history_(facts.history()),
        latest_(history_.size()),
        source_(history_.size()),
        state_(history_.size(), State::unseen) {}

  void run() {
    for (std::uint32_t id = 0; id < history_.size(); ++id) visit(id);
    // In a circle of polls the first pass is not the last.
    for (bool changed = circular_; changed;) {
      changed = false;
      for (std::uint32_t id = 0; id < history_.size(); ++id) {
        const std::size_t end = history_.end_of(OperationId{id});
        for (std::size_t i = history_.begin_of(OperationId{id}); i < end; ++i) {
          if (const auto writer = writer_of(id, i)) changed |= absorb(id, *writer);
        }
      }
    }
  }
  [[nodiscard]] std::uint32_t latest(std::uint32_t id) const { return latest_[id]; }
  [[nodiscard]] OperationId source(std::uint32_t id) const { return OperationId{source_[id]}; }

 private:
  enum class State : std::uint8_t { unseen, open, done };
  struct Frame {
    std::uint32_t operation;
    std::size_t record;
  };

  // Of what the operation's record polled; none if it polled nothing of another's.
  [[nodiscard]] std::optional<OperationId> writer_of(std::uint32_t id, std::size_t record) const {
    const Record one = history_.records[record].unpack();
    if (one.kind != Record::Kind::poll || facts_.ambiguous(one.message())) return std::nullopt;
    const auto writer = facts_.writer(one.message());
    return writer == OperationId{id} ? std::nullopt : writer;
  }

  void open(std::uint32_t id) {
    latest_[id] = history_[OperationId{id}].begun();
    source_[id] = id;
    state_[id] = State::open;
    frames_.push_back({id, history_.begin_of(OperationId{id})});
  }

  // Depth first with a stack of its own, as a history may be one path of millions.
  void visit(std::uint32_t root) {
    if (state_[root] != State::unseen) return;
    open(root);
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      const std::uint32_t id = frame.operation;
      if (frame.record == history_.end_of(OperationId{id})) {
        state_[id] = State::done;
        frames_.pop_back();
        continue;
      }
      const auto writer = writer_of(id, frame.record);
      if (writer && facts_.committed(*writer) && state_[writer->value] == State::unseen) {
        open(writer->value);  // and then this record again
        continue;
      }
      ++frame.record;
      if (!writer) continue;
      circular_ |= facts_.committed(*writer) && state_[writer->value] == State::open;
      absorb(id, *writer);
    }
  }

  // What a committed writer polled came before its messages could be polled.
  bool absorb(std::uint32_t id, OperationId writer) {
    const bool further = facts_.committed(writer);
    const std::uint32_t latest = further ? latest_[writer.value] : history_[writer].begun();
    if (latest <= latest_[id]) return false;
    latest_[id] = latest;
    source_[id] = further ? source_[writer.value] : writer.value;
    return true;
  }

  const Facts& facts_;
  const History& history_;
  std::vector<std::uint32_t> latest_, source_;
  std::vector<State> state_;
  std::vector<Frame> frames_;
  bool circular_ = false;
};

class G1cRealtime final : public OperationChecker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "An operation that polled a message completed before the operation that sent it was "
           "invoked; or before one was invoked whose message that sender had polled in the same "
           "operation, and so on. Nobody can read what is not yet written, whatever became of "
           "either operation. One finding for each operation that polled too early, with the last "
           "of those that began too late. Order is that of the history's lines, and so that of "
           "each process; where a process writes no invocations, its operations begin after its "
           "last completion. Cycles of sends and real time over more than two operations are not "
           "looked for, nor reads that are too old (see realtime-lag). Always a violation. A live "
           "trial has no name for it.";
  }
  void check(const Facts& facts, Findings& findings) const override {
    const History& history = facts.history();
    Reach reach(facts);
    reach.run();
    for (std::uint32_t id = 0; id < history.size(); ++id) {
      if (reach.latest(id) <= history[OperationId{id}].line) continue;
      Finding finding;
      const OperationId late = reach.source(id);
      history.each_record(OperationId{id}, [&](const Record& record) {
        if (record.kind != Record::Kind::poll || finding.key) return;
        if (facts.ambiguous(record.message()) || facts.writer(record.message()) != late) return;
        finding.key = history.messages.key(record.message());
        finding.values = {record.message()};
        finding.offsets = {record.offset};
      });
      finding.operations = {{"completed before", OperationId{id}}, {"was invoked", late}};
      findings.add(std::move(finding));
    }
  }
};

const Registration<OperationChecker> registration({
    .name = "G1c-realtime",
    .help = "polled before it was sent",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<OperationChecker> {
      return std::make_unique<G1cRealtime>();
    },
});

}  // namespace
}  // namespace seatrial::operations
