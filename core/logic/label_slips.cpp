// By distance, and by the last part alone: `dso.update.strategy` is dso.strategy.
#include "logic/label_slips.h"

#include <algorithm>

#include "logic/config_keys.h"
#include "logic/config_signal.h"
#include "logic/text.h"
#include "model/container.h"

namespace dso {
namespace {

constexpr std::string_view kLabelPrefix = "dso.";

bool is_one_of(std::span<const std::string_view> names, std::string_view key) {
  return std::find(names.begin(), names.end(), key) != names.end();
}

/// dso_reloader, dos.reloader, DSO.Reloader: one letter beside a label of ours.
bool is_meant_for_us(std::string_view key) {
  if (lower(key.substr(0, kLabelPrefix.size())) == kLabelPrefix) return true;
  return key.size() < 32 && std::any_of(std::begin(label::kPeoples), std::end(label::kPeoples),
                                        [key](std::string_view ours) { return edit_distance(key, ours) <= 1; });
}

std::string label_meant(std::string_view key) {
  if (const auto near = closest(key, label::kPeoples)) return "Did you mean " + in_quotes(*near) + "?";
  std::vector<std::string_view> tails;
  for (std::string_view ours : label::kPeoples) tails.push_back(ours.substr(kLabelPrefix.size()));
  if (const auto near = closest(key.substr(key.rfind('.') + 1), tails))
    return "Did you mean " + in_quotes(std::string(kLabelPrefix) + std::string(*near)) + "?";
  return "DSO knows: " + join(label::kPeoples, ", ") + ".";
}

/// What to write in place of the value; "": it is one that DSO knows.
std::string value_meant(std::string_view key, const std::string& value) {
  if ((key == label::kReloader || key == label::kExclusive) && value != "true" && value != "false")
    return "Write true or false, in quotes in a compose file.";
  if (value.empty()) return {};  // as without it
  if (key == label::kLayer && value != "drop" && value != "keep") return "Write drop or keep.";
  if (key == label::kAddress && value != "keep" && value != "change") return "Write keep or change.";
  if (key == label::kStrategy && !is_one_of(strategy_choices(), value)) return suggest(value, strategy_choices());
  if (key == label::kSignal) return normalise_signal(value).hint;
  return {};
}

}  // namespace

std::vector<LabelSlip> label_slips(const std::map<std::string, std::string>& labels) {
  std::vector<LabelSlip> out;
  for (const auto& [key, value] : labels) {
    if (is_one_of(label::kPeoples, key)) {
      if (std::string next = value_meant(key, value); !next.empty())
        out.push_back({"the label " + key + " has " + in_quotes(value) + ", which is nothing that it can have", std::move(next)});
    } else if (!is_one_of(label::kOurs, key) && is_meant_for_us(key)) {
      out.push_back({"the label " + printable(key) + " is none of DSO's, and does nothing", label_meant(key)});
    }
  }
  return out;
}

std::string slip_text(const LabelSlip& slip) {
  return slip.found + ". " + slip.next;
}

}  // namespace dso
