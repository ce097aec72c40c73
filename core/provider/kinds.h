// What the kinds of stores that we know need by their nature: variables, files and addresses that no config has to spell out.
// Data only; egress.cpp decides with it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace dso {

struct Kind {
  std::string_view type;
  std::vector<std::string> env_prefixes;
  /// Further variables that it may read.
  std::vector<std::string> env_names;
  /// Of the store's address, where the config gives none: the first that is set counts.
  std::vector<std::string> address_variables;
  /// Of services beside the store (identity endpoints): each that is set counts.
  std::vector<std::string> service_variables;
  std::string ca_variable, cert_variable, key_variable;
  /// Always allowed. A '*' stands for one label of a host's name ("eu-west-1").
  std::vector<std::string> origins;
  /// Always readable. A '*' stands for a part of one name; "~/" is the home folder.
  std::vector<std::string> files;
  /// Always readable too, whoever owns them: another service's, shown back to it as a proof and never obeyed.
  std::vector<std::string> proofs;
  /// A variable that ends so names a file that it may read.
  std::vector<std::string> file_suffixes;
};

/// Null for a third party's kind.
const Kind* find_kind(std::string_view type);

}  // namespace dso
