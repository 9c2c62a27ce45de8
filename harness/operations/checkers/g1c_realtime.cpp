// G1c-realtime: somebody polled what was sent, or depends on, only later.
// Cost: linear in what was polled.
#include <memory>
#include <vector>

#include "core/components.hpp"
#include "core/registry.hpp"
#include "operations/checker.hpp"

namespace seatrial::operations {
namespace {

// For each operation the latest beginning among those whose messages reach it by polls, itself
// included. No operation may complete before that. Operations that polls connect in a circle share
// it, as what reaches one of them reaches all.
class Reach {
 public:
  explicit Reach(const Facts& facts)
      : facts_(facts),
        history_(facts.history()),
        components_(strong_components(adjacency(
            history_.size(), [&](const auto& visit) { each_committed_writer(visit); }))),
        reached_(components_.count) {}

  void run() {
    // A component's number is above those of all that it polled from.
    const auto order = by_component();
    for (const std::uint32_t id : order) {
      absorb(id, {history_[OperationId{id}].begun(), id});
      each_writer(id, [&](OperationId writer) {
        absorb(id, facts_.committed(writer)
                       ? reached_[components_.of[writer.value]]
                       : Beginning{history_[writer].begun(), writer.value});
      });
    }
  }
  [[nodiscard]] std::uint32_t latest(std::uint32_t id) const { return of(id).line; }
  [[nodiscard]] OperationId source(std::uint32_t id) const { return OperationId{of(id).operation}; }

 private:
  struct Beginning {
    std::uint32_t line = 0, operation = 0;
  };

  // Of what the operation polled of others.
  template <class Visit>
  void each_writer(std::uint32_t id, const Visit& visit) const {
    history_.each_record(OperationId{id}, [&](const Record& record) {
      if (record.kind != Record::Kind::poll || facts_.ambiguous(record.message())) return;
      const auto writer = facts_.writer(record.message());
      if (writer && *writer != OperationId{id}) visit(*writer);
    });
  }

  // What a committed writer polled came before its messages could be polled; of another that is
  // not known.
  template <class Visit>
  void each_committed_writer(const Visit& visit) const {
    for (std::uint32_t id = 0; id < history_.size(); ++id) {
      each_writer(id, [&](OperationId writer) {
        if (facts_.committed(writer)) visit(id, writer.value);
      });
    }
  }

  [[nodiscard]] std::vector<std::uint32_t> by_component() const {
    std::vector<std::uint32_t> next(components_.count + 1ULL);
    for (const std::uint32_t component : components_.of) ++next[component + 1ULL];
    for (std::size_t i = 1; i < next.size(); ++i) next[i] += next[i - 1];
    std::vector<std::uint32_t> out(history_.size());
    for (std::uint32_t id = 0; id < out.size(); ++id) out[next[components_.of[id]]++] = id;
    return out;
  }

  void absorb(std::uint32_t id, const Beginning& other) {
    Beginning& mine = reached_[components_.of[id]];
    if (other.line > mine.line) mine = other;
  }

  [[nodiscard]] const Beginning& of(std::uint32_t id) const {
    return reached_[components_.of[id]];
  }

  const Facts& facts_;
  const History& history_;
  Components components_;
  std::vector<Beginning> reached_;  // by component
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
