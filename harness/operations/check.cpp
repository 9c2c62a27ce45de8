// Finds the files, reads and judges each, and puts the results together.
#include "operations/check.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <system_error>
#include <utility>

#include "core/units.hpp"
#include "operations/reader.hpp"
#include "operations/render.hpp"

namespace seatrial::operations {
namespace {

namespace fs = std::filesystem;

struct Unreadable {
  fs::path path;
  Error error;
};

struct Found {
  std::vector<fs::path> files;
  std::vector<Unreadable> unreadable;
};

// Other compressed forms are found too, and then refused by name rather than passed over.
bool is_history(const std::string& name) {
  if (!name.starts_with("history")) return false;
  for (const char* ending : {"", ".gz", ".zst", ".lz4", ".bz2", ".xz", ".zip"}) {
    if (name.ends_with(std::string(".jsonl") + ending)) return true;
    if (name.ends_with(std::string(".json") + ending)) return true;
  }
  return false;
}

// What cannot be asked is left to reading, which says why.
void add_history(const fs::path& path, Found& found) {
  std::error_code unknown;
  const auto status = fs::status(path, unknown);
  if (fs::is_directory(status)) return;
  if (unknown || !fs::exists(status) || fs::is_regular_file(status)) {
    found.files.push_back(path);
    return;
  }
  found.unreadable.push_back({path, Error{path.string() + " is no regular file", ""}});
}

// Links to folders are not followed, as they may lead round in a circle.
void look_below(const fs::path& folder, Found& found, bool& edn) {
  std::error_code failed;
  auto entry = fs::directory_iterator(folder, failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    std::error_code ignored;  // what cannot be asked is neither a folder nor a file
    const fs::path& path = entry->path();
    const std::string name = path.filename().string();
    if (fs::is_directory(entry->symlink_status(ignored))) look_below(path, found, edn);
    else if (is_history(name)) add_history(path, found);
    edn = edn || name == "history.edn";
  }
  if (failed) {
    found.unreadable.push_back(
        {folder, Error{"cannot read " + folder.string() + ": " + failed.message(), {}}});
  }
}

Found histories_at(const fs::path& path) {
  Found found;
  std::error_code ignored;  // what cannot be asked cannot be read either, and reading says so
  if (!fs::is_directory(path, ignored)) {
    found.files.push_back(path);
    return found;
  }
  bool edn = false;
  look_below(path, found, edn);
  if (found.files.empty() && found.unreadable.empty()) {
    found.unreadable.push_back(
        {path,
         Error{path.string() + " holds no history*.jsonl or history*.json",
               edn ? "its history.edn is EDN, as Jepsen stores histories; JSON is read: write "
                     "each operation with jepsen's or cheshire's JSON encoder, one a line"
                   : "name a history of operations, or a run's folder that holds some"}});
  }
  std::ranges::sort(found.files);
  return found;
}

class Check {
 public:
  Check(const CheckRequest& request, bool several) : request_(request), several_(several) {}

  void judge_one(const fs::path& path) {
    const auto history = read_history(path);
    if (!history) return unreadable({path, history.error()});
    ++judged_;
    const Judgement judgement = judge(*history, request_.settings);
    out_.validity = std::max(out_.validity, judgement.validity);
    if (!request_.json) {
      out_.text += judgement_text(*history, judgement);
      return;
    }
    for (const auto& note : judgement.notes) {
      out_.asides += history->name + ": " + note + "\n";
      json_.reasons.push_back(reason_json(*history, note, several_));
    }
    for (const Skipped& skipped : history->skipped) {
      json_.skipped.push_back(skipped_json(*history, skipped, several_));
    }
    for (const auto& [name, found] : judgement.anomalies) {
      for (const Finding& finding : found.kept()) {
        json_.findings[name].push_back(finding_json(*history, finding, several_));
      }
      if (found.count() == found.kept().size()) continue;
      json_.not_listed[name] += found.count() - found.kept().size();
      out_.asides += history->name + ": " + name + ": " + format_count(found.kept().size()) +
                     " of " + format_count(found.count()) + " are listed; --limit 0 lists all\n";
    }
  }

  void unreadable(const Unreadable& one) {
    out_.unreadable = true;
    out_.validity = std::max(out_.validity, Validity::unknown);
    out_.asides += one.error.message + "\n";
    if (!one.error.hint.empty()) out_.asides += one.error.hint + "\n";
    json_.unreadable.push_back(unreadable_json(one.path.string(), one.error.message));
  }

  Result<CheckOutcome> outcome() {
    if (judged_ == 0 && !request_.json) {
      std::string all = out_.asides;
      if (all.ends_with('\n')) all.pop_back();
      return Error{all, {}};
    }
    json_.validity = out_.validity;
    if (request_.json) out_.text = judgement_json(json_);
    return std::move(out_);
  }

 private:
  const CheckRequest& request_;
  const bool several_;
  std::size_t judged_ = 0;
  JsonParts json_;
  CheckOutcome out_;
};

}  // namespace

Result<CheckOutcome> check_histories(const CheckRequest& request) {
  Found all;
  bool several = request.paths.size() > 1;
  std::set<fs::path> known;  // one that two paths lead to is judged once
  for (const fs::path& path : request.paths) {
    std::error_code ignored;
    several = several || fs::is_directory(path, ignored);
    Found found = histories_at(path);
    for (fs::path& file : found.files) {
      const fs::path one = fs::weakly_canonical(file, ignored);
      if (known.insert(ignored ? file : one).second) {
        all.files.push_back(std::move(file));
      }
    }
    std::ranges::move(found.unreadable, std::back_inserter(all.unreadable));
  }
  Check check(request, several);
  for (const fs::path& path : all.files) check.judge_one(path);
  for (const Unreadable& one : all.unreadable) check.unreadable(one);
  return check.outcome();
}

}  // namespace seatrial::operations
