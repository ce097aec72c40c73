// A store in a folder of its own, gone with the test; and this test program started again as a child that works on a store.
#pragma once
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "base/temp_folder.h"
#include "vault/local_store.h"

namespace dso::test {

struct StoreFixture {
  TempFolder temp;
  StoreLocation where{temp.path + "/store"};
  void init() const { BOOST_REQUIRE(LocalStore::init(where, std::nullopt).has_value()); }
  Result<std::string> set(const std::string& name, const std::string& field, std::string_view value) const {
    return LocalStore::set(where, std::nullopt, name, field, SecretBytes::copy_of(value));
  }
  Result<LocalStore> open() const { return LocalStore::open(where, std::nullopt); }
  std::string field(const std::string& name, const std::string& field_name, const std::string& version = {}) const {
    auto store = open();
    BOOST_REQUIRE(store.has_value());
    auto secret = store->get(name, version);
    BOOST_REQUIRE_MESSAGE(secret.has_value(), name);
    const SecretField* found = secret->find(field_name);
    BOOST_REQUIRE_MESSAGE(found, field_name);
    return std::string(found->value.reveal());
  }
};

inline SecretBytes secret(std::string_view text) {
  return SecretBytes::copy_of(text);
}

/// Starts this program again for one disabled test ("suite/case"); its settings go by environment. A fork alone would not do:
/// locked memory is not there in a forked child.
inline pid_t start_self(const std::string& test, const StoreLocation& where, const std::string& argument) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  setenv("DSO_TEST_STORE", where.dir.c_str(), 1);
  setenv("DSO_TEST_ARGUMENT", argument.c_str(), 1);
  const std::string filter = "--run_test=" + test;
  execl("/proc/self/exe", "unit_vault", filter.c_str(), "--log_level=nothing", "--report_level=no", static_cast<char*>(nullptr));
  _exit(127);
}
inline int exit_status(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return status;
}
inline StoreLocation store_of_child() {
  const char* dir = std::getenv("DSO_TEST_STORE");
  return {dir ? dir : "/nonexistent"};
}
inline std::string argument_of_child() {
  const char* text = std::getenv("DSO_TEST_ARGUMENT");
  return text ? text : "";
}

}  // namespace dso::test
