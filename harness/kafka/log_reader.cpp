// Which reader, and what it leaves for the spans that were not read to their end.
#include "kafka/log_reader.hpp"

#include "kafka/librdkafka_reader.hpp"
#include "kafka/wire_reader.hpp"

namespace seatrial::kafka {

const char* to_string(Reader reader) { return reader == Reader::wire ? "wire" : "librdkafka"; }

LogReading read_log(Reader reader, const Access& access, const std::vector<ReadSpan>& spans,
                    const OnRecords& on_records, Instant deadline, const std::stop_token& stop) {
  if (reader == Reader::wire) return read_by_wire(access, spans, on_records, deadline, stop);
  LogReading out;
  out.outcomes = read_by_librdkafka(access, spans, on_records, deadline, stop);
  return out;
}

std::string unfinished(const std::stop_token& stop, const std::string& trouble) {
  std::string reason = stop.stop_requested() ? "reading was interrupted"
                                             : "was not read to its end within the budget";
  if (!trouble.empty()) reason += " (" + trouble + ")";
  return reason;
}

}  // namespace seatrial::kafka
