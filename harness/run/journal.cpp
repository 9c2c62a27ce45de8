// Appending events and folding them as they are written.
#include "run/journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/check.hpp"
#include "core/utf8.hpp"

namespace seatrial::run {

namespace {

// What a log or a command line brought in may be no text at all, and then no JSON either.
std::string in_utf8(std::string text) {
  if (!first_not_utf8(text)) return text;
  const nlohmann::json raw(std::move(text));
  return nlohmann::json::parse(raw.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))
      .get<std::string>();
}

void clean_texts(nlohmann::json& value, const Journal::Redact& redact) {
  if (value.is_string()) {
    auto text = value.get<std::string>();
    value = in_utf8(redact ? redact(std::move(text)) : std::move(text));
  } else if (value.is_structured()) {
    for (auto& part : value) clean_texts(part, redact);
  }
}

}  // namespace

Journal::Journal(const std::filesystem::path& folder, Redact redact, Begin begin)
    : redact_(std::move(redact)) {
  const auto path = folder / "journal.jsonl";
  if (begin == Begin::resume) read_on(path);
  const int how = begin == Begin::anew ? O_CREAT | O_EXCL : 0;
  file_ = ::open(path.c_str(), how | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
  if (file_ < 0) {
    throw InfrastructureError("cannot write " + path.string() + ": " + std::strerror(errno));
  }
}

// What the earlier process wrote, less a last line that it could not finish.
void Journal::read_on(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::uintmax_t whole = 0;
  for (std::string line; std::getline(in, line);) {
    const auto event = nlohmann::json::parse(line, nullptr, false);
    if (in.eof() || event.is_discarded()) break;
    fold_.apply(event);
    whole += line.size() + 1;
  }
  std::error_code error;
  std::filesystem::resize_file(path, whole, error);
  if (error)
    throw InfrastructureError("cannot go on with " + path.string() + ": " + error.message());
}

Journal::~Journal() { ::close(file_); }

void Journal::run(nlohmann::json set) { write({{"event", "run"}, {"set", std::move(set)}}); }

void Journal::again(int trial) { write({{"event", "again"}, {"trial", trial}}); }

void Journal::trial(int trial, nlohmann::json set) {
  write({{"event", "trial"}, {"trial", trial}, {"set", std::move(set)}});
}

void Journal::append(int trial, const std::string& key, nlohmann::json items) {
  if (items.empty()) return;
  write({{"event", "append"}, {"trial", trial}, {"to", key}, {"items", std::move(items)}});
}

void Journal::points(int trial, const std::string& workload, nlohmann::json points) {
  if (points.empty()) return;
  write({{"event", "points"},
         {"trial", trial},
         {"workload", workload},
         {"points", std::move(points)}});
}

void Journal::fault(int trial, int index, nlohmann::json set) {
  write({{"event", "fault"}, {"trial", trial}, {"index", index}, {"set", std::move(set)}});
}

nlohmann::json Journal::record() const {
  const std::lock_guard lock(mutex_);
  return fold_.record();
}

void Journal::write(nlohmann::json event) {
  clean_texts(event, redact_);
  const std::string line =
      event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  const std::lock_guard lock(mutex_);
  std::size_t done = 0;
  while (done < line.size()) {
    const ssize_t n = ::write(file_, line.data() + done, line.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0)
      throw InfrastructureError(std::string("cannot write the journal: ") + std::strerror(errno));
    done += static_cast<std::size_t>(n);
  }
  fold_.apply(event);
}

}  // namespace seatrial::run
