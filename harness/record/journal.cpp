// Appending events and folding them as they are written.
#include "record/journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <thread>

#include "core/check.hpp"
#include "core/save_file.hpp"
#include "core/units.hpp"
#include "core/utf8.hpp"

namespace seatrial::record {

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
    : folder_(folder), redact_(std::move(redact)) {
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
    if (in.eof() || !record_.apply(parse(line))) break;
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

RunRecord Journal::record() const {
  const std::lock_guard lock(mutex_);
  return record_;
}

void Journal::write(nlohmann::json event) {
  clean_texts(event, redact_);
  const std::string line =
      event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  const std::lock_guard lock(mutex_);
  check(record_.apply(event), "what is journalled folds into the record");
  events_ += line;
  flush();
}

void Journal::file(const std::string& name, std::string text) {
  const std::lock_guard lock(mutex_);
  files_.push_back({.name = name, .text = std::move(text)});
  flush();
}

void Journal::extend(const std::string& name, std::string text) {
  const std::lock_guard lock(mutex_);
  const auto waits = std::ranges::find(files_, name, &JournalFile::name);
  if (waits != files_.end()) waits->text += text;
  else files_.push_back({.name = name, .text = std::move(text), .whole = false});
  flush();
}

// Why it could not, or nothing. Of what goes to the end of a file, the rest waits.
std::optional<std::string> Journal::save(JournalFile& file) const {
  if (file.whole) return save_file(folder_ / file.name, file.text);
  const auto path = folder_ / file.name;
  const int end = ::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
  int problem = end < 0 ? errno : 0;
  while (problem == 0 && !file.text.empty()) {
    const ssize_t n = ::write(end, file.text.data(), file.text.size());
    if (n >= 0) file.text.erase(0, static_cast<std::size_t>(n));
    else if (errno != EINTR) problem = errno;
  }
  if (end >= 0) ::close(end);
  if (problem == 0) return std::nullopt;
  return "cannot write " + path.string() + ": " + std::strerror(problem);
}

// Called with the lock. What a killed harness leaves may end in the middle of an event.
void Journal::flush() {
  const bool was_waiting = problem_.has_value();
  problem_.reset();
  while (!events_.empty() && !problem_) {
    const ssize_t n = ::write(file_, events_.data(), events_.size());
    if (n >= 0) events_.erase(0, static_cast<std::size_t>(n));
    else if (errno != EINTR)
      problem_ =
          "cannot write " + (folder_ / "journal.jsonl").string() + ": " + std::strerror(errno);
  }
  std::erase_if(files_, [this](JournalFile& file) {
    auto problem = save(file);
    const bool saved = !problem;
    if (!saved) problem_ = std::move(problem);
    return saved;
  });
  if (problem_ && !was_waiting) {
    std::fprintf(stderr, "seatrial: %s; it waits in memory and is tried again\n",
                 problem_->c_str());
  } else if (was_waiting && !problem_) {
    std::fprintf(stderr, "seatrial: %s takes what waited for it: nothing was lost\n",
                 folder_.c_str());
  }
}

std::optional<std::string> Journal::settle(nanoseconds budget, const std::stop_token& stop) {
  const Instant until = now() + budget;
  const Instant hurried = now() + std::min<nanoseconds>(budget, seconds(3));
  for (bool first = true;; first = false) {
    {
      const std::lock_guard lock(mutex_);
      flush();
      if (!problem_ || now() >= (stop.stop_requested() ? hurried : until)) return problem_;
      if (first) {
        std::fprintf(stderr, "seatrial: %s; tried again for %s\n", problem_->c_str(),
                     format_duration(budget).c_str());
      }
    }
    std::this_thread::sleep_for(milliseconds(200));
  }
}

std::optional<std::string> Journal::save_elsewhere(const std::filesystem::path& folder) {
  const std::lock_guard lock(mutex_);
  for (const JournalFile& file : files_) {
    if (auto problem = save_file(folder / file.name, file.text)) return problem;
  }
  return std::nullopt;
}

}  // namespace seatrial::record
