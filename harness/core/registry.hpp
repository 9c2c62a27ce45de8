// Plug-ins by name. A plug-in is one file; its last lines hold a `Registration` object that enters
// it here before main. Link plug-ins as CMake OBJECT libraries: a static library would drop them.
// Read-only after static initialisation, hence safe from any thread.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/options.hpp"

namespace seatrial {

template <class Product>
struct Plugin {
  std::string name;
  std::string help;                 // one line, for `seatrial list`
  std::vector<OptionSpec> options;  // what a scenario may set
  std::unique_ptr<Product> (*make)(const Options&);
};

template <class Product>
class Registry {
 public:
  [[nodiscard]] static Registry& instance() {
    static Registry registry;
    return registry;
  }
  void add(Plugin<Product> plugin) {
    const auto name = plugin.name;
    if (!plugins_.emplace(name, std::move(plugin)).second) {
      std::fprintf(stderr, "seatrial: two plug-ins are named '%s'\n", name.c_str());
      std::abort();
    }
  }
  [[nodiscard]] const Plugin<Product>* find(std::string_view name) const {
    const auto it = plugins_.find(name);
    return it == plugins_.end() ? nullptr : &it->second;
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& [name, plugin] : plugins_) out.push_back(name);
    return out;
  }
  [[nodiscard]] const auto& all() const { return plugins_; }

 private:
  std::map<std::string, Plugin<Product>, std::less<>> plugins_;
};

template <class Product>
struct Registration {
  explicit Registration(Plugin<Product> plugin) {
    Registry<Product>::instance().add(std::move(plugin));
  }
};

}  // namespace seatrial
