// The packing of records, and the words for what an operation is.
#include "operations/history.hpp"

#include "core/check.hpp"

namespace seatrial::operations {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok: return "ok";
    case Outcome::info: return "info";
    case Outcome::fail: return "fail";
  }
  return "?";
}

std::string_view to_string(Function function) {
  return function_names()[static_cast<std::size_t>(function)];
}

const std::vector<std::string>& function_names() {
  static const std::vector<std::string> names{"send",   "poll",      "txn",
                                              "assign", "subscribe", "crash"};
  return names;
}

PackedRecord::PackedRecord(const Record& record) : id_(record.id) {
  const auto both =
      static_cast<std::uint64_t>(record.offset + 1) << 2 | static_cast<std::uint64_t>(record.kind);
  low_ = static_cast<std::uint32_t>(both);
  high_ = static_cast<std::uint32_t>(both >> 32);
}

Record PackedRecord::unpack() const {
  const std::uint64_t both = static_cast<std::uint64_t>(high_) << 32 | low_;
  return {.kind = static_cast<Record::Kind>(both & 3),
          .id = id_,
          .offset = static_cast<std::int64_t>(both >> 2) - 1};
}

void History::add(Operation operation, const std::vector<Record>& its_records) {
  constexpr std::size_t limit = 0xffff'fff0;
  check(operations.size() < limit && records.size() + its_records.size() < limit,
        "fewer than 2^32 operations and records");
  operation.first_record = static_cast<std::uint32_t>(records.size());
  operations.push_back(operation);
  for (const Record& record : its_records) records.push_back(PackedRecord(record));
}

}  // namespace seatrial::operations
