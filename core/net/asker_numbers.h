// A small number for each asker that has connections, as logic/fair_places counts them. One thread.
#pragma once
#include <map>
#include <string>
#include <vector>

namespace dso {

class AskerNumbers {
 public:
  /// To be given back by `forget`, as often as it was taken.
  int number_of(const std::string& name) {
    const auto [it, is_new] = askers_.try_emplace(name);
    if (is_new && free_.empty()) {
      it->second.number = static_cast<int>(names_.size());
      names_.push_back(it);
    } else if (is_new) {
      it->second.number = free_.back();
      free_.pop_back();
      names_[static_cast<std::size_t>(it->second.number)] = it;
    }
    ++it->second.times;
    return it->second.number;
  }
  const std::string& name_of(int number) const { return names_[static_cast<std::size_t>(number)]->first; }
  void forget(int number) {
    const auto it = names_[static_cast<std::size_t>(number)];
    if (--it->second.times > 0) return;
    free_.push_back(number);
    askers_.erase(it);
  }

 private:
  struct Taken {
    int number = 0, times = 0;
  };
  std::map<std::string, Taken> askers_;
  std::vector<std::map<std::string, Taken>::iterator> names_;  // of a free number: of no meaning
  std::vector<int> free_;
};

}  // namespace dso
