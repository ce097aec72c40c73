// Collects what is found about a config; every reader of a part of it reports here and goes on. Internal to parse_config.
#pragma once
#include <string>
#include <vector>

#include "model/config.h"

namespace dso {

class ConfigFindings {
 public:
  explicit ConfigFindings(std::string file) : file_(std::move(file)) {}
  /// `key` is dotted; texts must already be printable and may hold no credential.
  void error(SourcePos pos, std::string key, std::string message, std::string hint = {});
  void warn(SourcePos pos, std::string key, std::string message, std::string hint = {});
  bool has_error() const { return errors_ > 0; }
  /// In the order of the file.
  std::vector<Diagnostic> take();

 private:
  void add(Diagnostic::Severity severity, SourcePos pos, std::string key, std::string message, std::string hint);
  std::string file_;
  std::vector<Diagnostic> found_;
  std::size_t errors_ = 0;
};

}  // namespace dso
