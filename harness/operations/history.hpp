// A recorded history of operations, as `seatrial check` judges it: who sent and polled what, at
// which offset, and what became of each operation. Compact (40 bytes for an operation, 12 for each
// message it sent or polled), built once in the order of the file, then read-only and safe for any
// number of threads.
#pragma once

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "operations/blocks.hpp"
#include "operations/names.hpp"

namespace seatrial::operations {

using OperationId = Id<struct OperationTag, std::uint32_t>;  // in order of completion

// What became of an operation. An invocation that nothing completed is `info`.
enum class Outcome : std::uint8_t { ok, info, fail };
enum class Function : std::uint8_t { send, poll, txn, assign, subscribe, crash };
std::string_view to_string(Outcome outcome);
std::string_view to_string(Function function);
const std::vector<std::string>& function_names();  // in the order of their values

inline constexpr std::int64_t no_offset = -1;
// Two bits of the 64 are the record's kind.
inline constexpr std::int64_t max_offset = (std::int64_t{1} << 61) - 1;

struct Operation {
  std::int64_t index = 0;       // as the history says, else the line's number
  std::int64_t time_ns = 0;     // of its completion; of its invocation if there was none
  std::int64_t invoked_ns = 0;  // as time_ns if the history holds no invocation
  std::uint32_t first_record = 0;
  // Of its completion, from 1; of its invocation if nothing completed it. In an array, the number
  // of the element.
  std::uint32_t line = 0;
  ProcessId process;
  // Lines from its invocation to its completion; from the process's last completion on if the
  // history holds no invocation.
  std::uint32_t waited : 24 = waited_unknown;
  Outcome outcome : 2 = Outcome::info;
  Function function : 3 = Function::crash;
  bool seeks_to_beginning : 1 = false;  // of assign: no position stays
  // Partitions were given or taken meanwhile, and the history does not say which.
  bool rebalanced_all : 1 = false;

  static constexpr std::uint32_t waited_unknown = (1U << 24) - 1;
  // The line before which it certainly had not begun; 0: it may always have.
  [[nodiscard]] std::uint32_t begun() const { return waited == waited_unknown ? 0 : line - waited; }
  void begin_at(std::uint32_t begun_line) {
    const std::uint32_t lines = line - begun_line;
    waited = (lines < waited_unknown ? lines : waited_unknown) & waited_unknown;
  }
};
static_assert(sizeof(Operation) == 40);

// Lines that are nobody's operation: what one process is said to do that no client does.
struct Skipped {
  std::string function, process;  // canonical JSON
  std::uint64_t lines = 0;
  std::uint32_t first_line = 0;
};

struct Record {
  enum class Kind : std::uint8_t { send, poll, assigned, rebalanced };
  Kind kind = Kind::send;
  std::uint32_t id = 0;             // a message, or (assigned, rebalanced) a key
  std::int64_t offset = no_offset;  // of a message
  [[nodiscard]] MessageId message() const { return MessageId{id}; }
  [[nodiscard]] KeyId key() const { return KeyId{id}; }
};

class PackedRecord {
 public:
  PackedRecord() = default;
  explicit PackedRecord(const Record& record);
  [[nodiscard]] Record unpack() const;

 private:
  std::uint32_t low_, high_, id_;
};

struct History {
  std::string name;       // the file's
  bool is_array = false;  // lines are elements then
  Names keys;
  Names processes;
  Messages messages;
  Blocks<Operation> operations;
  Blocks<PackedRecord> records;
  std::vector<Skipped> skipped;

  void add(Operation operation, const std::vector<Record>& its_records);
  [[nodiscard]] const Operation& operator[](OperationId id) const { return operations[id.value]; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(operations.size()); }
  // Where its records begin and end in `records`.
  [[nodiscard]] std::size_t begin_of(OperationId id) const {
    return operations[id.value].first_record;
  }
  [[nodiscard]] std::size_t end_of(OperationId id) const {
    return id.value + 1 < size() ? operations[id.value + 1].first_record : records.size();
  }
  // Calls `visit(record)` for each of an operation's records, in the order they happened.
  template <class Visit>
  void each_record(OperationId id, Visit visit) const {
    const std::size_t end = end_of(id);
    for (std::size_t i = begin_of(id); i < end; ++i) visit(records[i].unpack());
  }
  template <class Visit>
  void each_operation(Visit visit) const {
    for (std::uint32_t i = 0; i < size(); ++i) visit(OperationId{i}, operations[i]);
  }
};

}  // namespace seatrial::operations
