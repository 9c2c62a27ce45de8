// Reading shapes of arrivals, and the files of recorded ones.
#include "workloads/shapes/arrivals.hpp"

#include <filesystem>
#include <vector>

#include "core/check.hpp"
#include "core/read_file.hpp"
#include "core/suggest.hpp"
#include "workloads/shapes/call.hpp"
#include "workloads/shapes/profiles.hpp"

namespace seatrial::workloads {
namespace {

using measure::Arrivals;
using measure::TraceKind;

// As written; a file is not read yet, and spikes do not know what they rise from.
struct Written {
  Arrivals arrivals;
  std::string file;  // empty: none
  TraceKind kind = TraceKind::gaps;
  bool repeat = false;
  std::optional<Spikes> spikes = {};

  [[nodiscard]] bool own_rate() const {
    return !file.empty() || (arrivals.shape == Arrivals::Shape::profile && !spikes);
  }
};

Error not_an_arrival(std::string_view text) {
  static const std::vector<std::string> forms = {"constant",
                                                 "poisson",
                                                 "bursts(N)",
                                                 "bursts(N, TIME)",
                                                 "ramp(RATE, TIME)",
                                                 "diurnal(RATE, TIME)",
                                                 "gaps(FILE)",
                                                 "times(FILE)",
                                                 "rates(FILE)",
                                                 "steps(RATE TIME, ..., RATE)",
                                                 "spikes(RATE, LENGTH, EVERY)"};
  std::vector<std::string> names;
  std::string list;
  for (const auto& form : forms) {
    names.push_back(form.substr(0, form.find('(')));
    list += (list.empty() ? "" : ", ") + form;
  }
  const std::string written = "'" + std::string(text) + "'";
  const std::string name(text.substr(0, text.find('(')));
  const auto meant = std::ranges::find(names, name);
  if (meant == names.end())
    return Error{written + " is none of " + list + did_you_mean(name, names), ""};
  if (text.find('(') != text.npos && !text.ends_with(')'))
    return Error{written + " has no ) at its end; if there is one, put all of it in quotes", ""};
  std::string usage;
  for (const auto& form : forms) {
    if (form.substr(0, form.find('(')) == name) usage += (usage.empty() ? "" : " or ") + form;
  }
  return Error{written + " is not written as " + usage, ""};
}

Result<Written> parse_bursts(const ShapeCall& call) {
  Written out{.arrivals = {.shape = Arrivals::Shape::bursts}, .file = {}};
  const auto count = parse_integer(call.arguments[0]);
  if (!count) return count.error();
  if (*count < 1) return Error{"bursts(N): N must be at least 1", ""};
  out.arrivals.burst = static_cast<std::uint64_t>(*count);
  if (call.arguments.size() == 2) {
    const auto span = parse_duration(call.arguments[1]);
    if (!span) return span.error();
    out.arrivals.span = *span;
  }
  return out;
}

Result<Written> parse_curve(const ShapeCall& call) {
  Written out{
      .arrivals = {.shape = call.name == "ramp" ? Arrivals::Shape::ramp : Arrivals::Shape::diurnal},
      .file = {}};
  // A rate of its own is never nothing, the lowest of a curve may be.
  const auto rate = call.arguments[0];
  const auto low = rate == "0" || rate == "0/s" ? Result<Rate>(Rate{}) : parse_rate(rate);
  if (!low) return low.error();
  if (low->unlimited) return Error{std::string(call.name) + " takes a rate, not max", ""};
  const auto span = parse_duration(call.arguments[1]);
  if (!span) return span.error();
  if (*span <= nanoseconds(0)) return Error{std::string(call.name) + " takes a time above 0", ""};
  out.arrivals.low = *low;
  out.arrivals.span = *span;
  return out;
}

Result<Written> parse_file(const ShapeCall& call) {
  const bool rates = call.name == "rates";
  Written out{.arrivals = {.shape = rates ? Arrivals::Shape::profile : Arrivals::Shape::trace},
              .file = std::string(call.arguments[0]),
              .kind = call.name == "gaps" ? TraceKind::gaps : TraceKind::times,
              .repeat = call.arguments.size() == 2};
  if (out.file.empty()) return Error{std::string(call.name) + " takes the name of a file", ""};
  if (out.repeat && call.arguments[1] != "repeat") {
    return Error{
        "after the file there may be `repeat`, not '" + std::string(call.arguments[1]) + "'", ""};
  }
  return out;
}

Result<Written> written_steps(const ShapeCall& call) {
  auto profile = parse_steps(call);
  if (!profile) return profile.error();
  return Written{
      .arrivals = {.shape = Arrivals::Shape::profile,
                   .profile = std::make_shared<const measure::Profile>(std::move(*profile))},
      .file = {}};
}

Result<Written> written_spikes(const ShapeCall& call) {
  const auto spikes = parse_spikes(call);
  if (!spikes) return spikes.error();
  return Written{.arrivals = {.shape = Arrivals::Shape::profile}, .file = {}, .spikes = *spikes};
}

Result<Written> parse(std::string_view text) {
  if (text == "constant") return Written{.arrivals = Arrivals::constant, .file = {}};
  if (text == "poisson") return Written{.arrivals = Arrivals::poisson, .file = {}};
  const auto call = parse_call(text);
  if (!call) return not_an_arrival(text);
  const std::size_t arguments = call->arguments.size();
  const bool one_or_two = arguments == 1 || arguments == 2;
  if (call->name == "bursts" && one_or_two) return parse_bursts(*call);
  if ((call->name == "ramp" || call->name == "diurnal") && arguments == 2) {
    return parse_curve(*call);
  }
  const bool file = call->name == "gaps" || call->name == "times" || call->name == "rates";
  if (file && one_or_two) return parse_file(*call);
  if (call->name == "steps") return written_steps(*call);
  if (call->name == "spikes" && arguments == 3) return written_spikes(*call);
  return not_an_arrival(text);
}

// Into `arrivals`; gives the rate of its own.
Rate read(const Written& written, const std::string& folder, Arrivals& arrivals) {
  const auto path = std::filesystem::path(folder) / written.file;
  constexpr std::uint64_t largest = 1 << 30;
  const auto text = read_file(path, largest);
  if (!text) {
    throw UsageError("arrivals: cannot read " + path.string() + ": " + text.error().message +
                     "; a trace is named from the scenario's folder");
  }
  if (arrivals.shape == Arrivals::Shape::profile) {
    auto profile = read_rates(*text);
    if (!profile) throw UsageError("arrivals: " + path.string() + ":" + profile.error().message);
    profile->repeats = written.repeat;
    arrivals.profile = std::make_shared<const measure::Profile>(std::move(*profile));
    return measure::rate_of(*arrivals.profile);
  }
  auto trace = measure::read_trace(*text, written.kind);
  if (!trace) throw UsageError("arrivals: " + path.string() + ", " + trace.error().message);
  trace->repeats = written.repeat;
  arrivals.trace = std::make_shared<const measure::Trace>(std::move(*trace));
  return measure::rate_of(*arrivals.trace);
}

}  // namespace

std::string validate_arrivals(std::string_view text) {
  const auto written = parse(text);
  return written ? "" : written.error().message;
}

Offer offer_of(const Options& options) {
  auto written = parse(options.text("arrivals"));
  check(written.has_value(), "the option was validated");
  Offer offer{.rate = {}, .arrivals = written->arrivals};
  if (written->own_rate() && options.has("rate")) {
    throw UsageError(std::string("rate: ") +
                     (offer.arrivals.shape == Arrivals::Shape::trace ? "the trace" : "the shape") +
                     " of `arrivals` has a rate of its own; leave this out");
  }
  if (!written->own_rate() && !options.has("rate")) {
    throw UsageError("missing key 'rate' (messages over all lanes, as 5000/s)");
  }
  if (!written->file.empty()) {
    offer.rate = read(*written, options.folder(), offer.arrivals);
  } else if (written->own_rate()) {
    offer.rate = measure::rate_of(*offer.arrivals.profile);
  } else {
    offer.rate = options.rate("rate");
  }
  if (written->spikes && !offer.rate.unlimited) {
    offer.arrivals.profile =
        std::make_shared<const measure::Profile>(profile_of(*written->spikes, offer.rate));
    offer.rate = measure::rate_of(*offer.arrivals.profile);
  }
  if (const auto wrong = measure::problem(offer.rate, offer.arrivals)) {
    throw UsageError("arrivals: " + wrong->message +
                     (wrong->hint.empty() ? "" : "; " + wrong->hint));
  }
  return offer;
}

}  // namespace seatrial::workloads
