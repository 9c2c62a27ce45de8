// The brokers do not take what the scenario asks of them: a mistake in it that only they could
// find. Ends the trial it happens in; the same setting would be refused again.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace seatrial {

struct SettingRefused : std::runtime_error {
  SettingRefused(std::vector<std::string> keys_to_it, std::string brokers_words)
      : std::runtime_error("the brokers refuse this: " + brokers_words),
        keys(std::move(keys_to_it)),
        why(std::move(brokers_words)) {}
  std::vector<std::string> keys;  // they lead to it in the scenario
  std::string why;
};

}  // namespace seatrial
