// A renderer of a run record. It reads nothing else (save hlog files beside it), so that every
// number it prints is the record's. One renderer per file under reports/.
#pragma once

#include <string>

#include "record/run_record.hpp"

namespace seatrial {

class Report {
 public:
  virtual ~Report() = default;
  // To text or a document.
  [[nodiscard]] virtual std::string render(const record::RunRecord& record) const = 0;
  // File name inside the run folder; empty for renderers that print to the terminal.
  [[nodiscard]] virtual std::string file_name() const = 0;
};

}  // namespace seatrial
