// The record of a run: the one document that everything is judged and reported by. It is the fold
// of the journal's events (journal.hpp), live and afterwards; which fields it has is in shape.hpp.
// Series by second are joined to longer intervals when they are long: the fold of a day's journal
// is no larger than that of ten minutes.
//
// It is read through views (core/view.hpp), which must not outlive it, and written by its journal
// alone. Not thread-safe: the journal hands out copies.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/view.hpp"

namespace seatrial::record {

// A record, or an event; discarded where it is no JSON, or nested so deep that whoever walks
// through it would exhaust the stack.
[[nodiscard]] nlohmann::json parse(std::string_view text);

class RunRecord {
 public:
  RunRecord();  // of a run that has only begun

  // From what `text` gives. Records of earlier programs are brought up to date; what is not of its
  // field's type is taken out and listed in `taken_out`.
  static Result<RunRecord> read(std::string_view text, std::vector<std::string>& taken_out);
  [[nodiscard]] std::string text() const;
  // The same with what was folded from a journal of anyone's. Why it is no record, or nothing.
  [[nodiscard]] std::string mend(std::vector<std::string>& taken_out);

  // Folds an event in. False for what is no event of ours, which may be half folded in. An event of
  // an unknown kind is ignored.
  [[nodiscard]] bool apply(const nlohmann::json& event);
  // No further event comes: unless the run had come to its end, trials that were running have none,
  // and neither has the run.
  void close();

  // The same of these of its trials, by their places, in that order.
  [[nodiscard]] RunRecord with_trials(const std::vector<std::size_t>& places) const;
  // As if the run had had that trial alone: with its verdict and reasons, and no sums over others.
  [[nodiscard]] RunRecord of_trial(std::size_t place) const;

  // Of a record that lives as long as they do: not of what a function has just returned.
  [[nodiscard]] View view() const& { return View(document_); }
  [[nodiscard]] View operator[](std::string_view key) const& { return view()[key]; }
  [[nodiscard]] View trial(std::size_t index) const& { return view()["trials"].at(index); }
  void view() const&& = delete;
  void operator[](std::string_view key) const&& = delete;
  void trial(std::size_t index) const&& = delete;

 private:
  void fold(const nlohmann::json& event);
  nlohmann::json& trial_to_change(std::size_t index);
  void set_trial(std::size_t trial, const nlohmann::json& set);
  void append(std::size_t trial, const std::string& key, const nlohmann::json& items);
  void put_points(std::size_t trial, const std::string& workload, const nlohmann::json& points);
  void bring_up_to_date();

  nlohmann::json document_;
  std::map<std::string, std::size_t> may_grow_by_;  // of lists that are joined when they are long
};

struct LoadedRecord {
  RunRecord record;
  std::string aside;  // what was wrong with a file, and what was read in its place; mostly empty
};

// The record of a run folder: run.json if the run ended, else the fold of what its journal holds,
// marked partial unless the journal has the run's end. So is a run.json that is cut short. A last
// line of the journal cut short by a crash is left out.
Result<LoadedRecord> load_record(const std::filesystem::path& folder);

}  // namespace seatrial::record
