// A renderer of a run record. It reads nothing else (save hlog files beside it), so that every
// number it prints is the record's. One renderer per file under reports/.
#pragma once

#include <string>

#include "record/run_record.hpp"

namespace seatrial {

// How a report comes to its reader, unless he names a file.
struct Delivery {
  std::string file{};   // its name in the run's folder; empty: it is printed
  std::string title{};  // of a file: what the line is called that says where it was written
  // A run ends with it, and so does asking for no report in particular.
  bool usual = false;
};

class Report {
 public:
  virtual ~Report() = default;
  // To text or a document: one for any record, however little that holds.
  [[nodiscard]] virtual std::string render(const record::RunRecord& record) const = 0;
  [[nodiscard]] virtual Delivery delivery() const { return {}; }
};

}  // namespace seatrial
