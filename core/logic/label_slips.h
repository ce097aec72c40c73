// Labels that are meant for DSO and that it does not know, or with values that it does not know: they would do nothing, in
// silence. Pure; `run`, `up`, `plan`, `inspect`, `validate`, `doctor` and the log all say what is found here.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace dso {

struct LabelSlip {
  std::string found;  ///< "the label dso.stratgy is none of DSO's, and does nothing"
  std::string next;   ///< "Did you mean 'dso.strategy'?"
};

/// In the order of the keys. References in dso.secrets are read elsewhere (logic/resolve_targets.h), which refuses a wrong one.
std::vector<LabelSlip> label_slips(const std::map<std::string, std::string>& labels);

/// "the label …, and does nothing. Did you mean …?"
std::string slip_text(const LabelSlip& slip);

}  // namespace dso
