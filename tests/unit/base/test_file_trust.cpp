// Whose files are obeyed: every owner, mode and use, for root and for a user.
#include "base/file_trust.h"

#include <boost/test/unit_test.hpp>

using namespace dso;

namespace {

constexpr std::uint32_t kUser = 1000, kOther = 1001;
constexpr Caller kRoot{0, {}}, kMe{kUser, {}};

bool used(FileUse use, std::uint32_t uid, std::uint32_t mode, const Caller& caller) {
  return !distrust_of_file("/f", use, {uid, mode}, caller);
}
std::string cause(const std::optional<Distrust>& d) {
  return d ? d->cause : "trusted";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(file_trust)

BOOST_AUTO_TEST_CASE(mine_and_roots_and_nobody_elses) {
  for (const std::uint32_t mode : {0400u, 0600u, 0644u, 0444u, 0755u}) {
    BOOST_TEST(used(FileUse::obeyed, 0, mode, kRoot));
    BOOST_TEST(used(FileUse::obeyed, 0, mode, kMe));
    BOOST_TEST(used(FileUse::obeyed, kUser, mode, kMe));
    BOOST_TEST(!used(FileUse::obeyed, kUser, mode, kRoot), "a user's file is not root's");
    BOOST_TEST(!used(FileUse::obeyed, kOther, mode, kMe));
  }
}

BOOST_AUTO_TEST_CASE(every_bit_by_which_others_write) {
  for (std::uint32_t mode = 0; mode <= 07777; ++mode)
    for (const Caller& caller : {kRoot, kMe}) BOOST_TEST(used(FileUse::obeyed, 0, mode, caller) == ((mode & 022) == 0));
}

BOOST_AUTO_TEST_CASE(a_group_with_nobody_else_in_it_is_nobody_else) {
  for (std::uint32_t mode = 0; mode <= 07777; ++mode) {
    BOOST_TEST(!distrust_of_file("/f", FileUse::obeyed, {kUser, mode, true}, kMe).has_value() == ((mode & 002) == 0));
    BOOST_TEST(!distrust_of_folder("/d", {kUser, mode, true}, kMe).has_value() == ((mode & 002) == 0 || (mode & 01000) != 0));
  }
  BOOST_TEST(distrust_of_file("/k", FileUse::private_key, {kUser, 0660, true}, kMe).has_value(), "a key is its owner's");
  BOOST_TEST(distrust_of_file("/f", FileUse::obeyed, {kOther, 0664, true}, kMe).has_value(), "whose it is comes first");
}

BOOST_AUTO_TEST_CASE(a_private_key_is_read_by_its_owner_or_by_a_group_of_roots) {
  for (const std::uint32_t mode : {0400u, 0600u, 0440u, 0640u}) BOOST_TEST(used(FileUse::private_key, 0, mode, kMe));
  for (const std::uint32_t mode : {0644u, 0604u, 0601u, 0660u}) BOOST_TEST(!used(FileUse::private_key, 0, mode, kMe));
  BOOST_TEST(used(FileUse::private_key, kUser, 0600, kMe));
  for (const std::uint32_t mode : {0640u, 0610u, 0604u}) BOOST_TEST(!used(FileUse::private_key, kUser, mode, kMe));
}

BOOST_AUTO_TEST_CASE(owner_mode_and_cure_are_said) {
  const auto wrong = distrust_of_file("/f", FileUse::obeyed, {kUser, 0644}, kRoot);
  BOOST_TEST(wrong->cause == "it belongs to uid 1000 and has mode 0644, and root obeys root's files alone");
  BOOST_TEST(wrong->next == "If you trust it: chown root:root '/f'.");
  BOOST_TEST(distrust_of_file("/f", FileUse::obeyed, {kOther, 0600}, kMe)->next == "If you trust it: chown 1000 '/f'.");
  const auto open = distrust_of_file("/f", FileUse::obeyed, {0, 0664}, kRoot);
  BOOST_TEST(open->cause == "its group may write it: it belongs to uid 0 and has mode 0664");
  BOOST_TEST(open->next == "If you trust what it says: chmod go-w '/f'.");
  BOOST_TEST(cause(distrust_of_file("/f", FileUse::obeyed, {0, 0666}, kRoot)).starts_with("everybody may write it"));
  const auto key = distrust_of_file("/k", FileUse::private_key, {0, 0644}, kRoot);
  BOOST_TEST(key->cause == "everybody may read it: it belongs to uid 0 and has mode 0644");
  BOOST_TEST(key->next == "Run: chmod go-rwx '/k'.");
}

BOOST_AUTO_TEST_CASE(who_called_sudo_is_told_so_and_gets_no_right_by_it) {
  const Caller by_sudo{0, kUser};
  const auto his = distrust_of_file("dso.yaml", FileUse::obeyed, {kUser, 0644}, by_sudo);
  BOOST_REQUIRE(his);
  BOOST_TEST(his->next ==
             "It is of whoever called sudo: run it without sudo, or, if root is to obey it: sudo chown root:root 'dso.yaml'.");
  BOOST_TEST(distrust_of_file("dso.yaml", FileUse::obeyed, {kOther, 0644}, by_sudo)->next ==
             "If you trust it: chown root:root 'dso.yaml'.");
}

BOOST_AUTO_TEST_CASE(folders) {
  const auto folder = [](std::uint32_t uid, std::uint32_t mode, const Caller& caller) {
    return !distrust_of_folder("/d", {uid, mode}, caller);
  };
  BOOST_TEST(folder(0, 0755, kRoot));
  BOOST_TEST(folder(0, 0755, kMe));
  BOOST_TEST(folder(kUser, 0700, kMe));
  BOOST_TEST(!folder(kUser, 0700, kRoot));
  BOOST_TEST(!folder(kOther, 0755, kMe));
  BOOST_TEST(!folder(0, 0775, kRoot));
  BOOST_TEST(!folder(0, 0777, kRoot));
  BOOST_TEST(folder(0, 01777, kRoot), "what others put there they own, and what is ours they cannot move");
  BOOST_TEST(!folder(kOther, 01777, kRoot));
  BOOST_TEST(cause(distrust_of_folder("/d", {kOther, 0755}, kMe)) ==
             "another can be put in its place, by way of the folder '/d': it belongs to uid 1001 and has mode 0755, and uid 1000 "
             "obeys its own files and root's");
  BOOST_TEST(
      cause(distrust_of_folder("/d", {0, 0777}, kRoot)) ==
      "another can be put in its place, by way of the folder '/d': everybody may write it, it belongs to uid 0 and has mode "
      "0777");
  BOOST_TEST(!distrust_of_folder("/", {65534, 0755}, kMe, 65534), "in a user namespace");
  BOOST_TEST(distrust_of_folder("/", {65534, 0777}, kMe, 65534).has_value());
}

BOOST_AUTO_TEST_CASE(links) {
  BOOST_TEST(!distrust_of_link("/d/l", {kOther, 0777}, {0, 0755}, kRoot), "who may not write there has not made it");
  BOOST_TEST(!distrust_of_link("/tmp/l", {0, 0777}, {0, 01777}, kRoot));
  BOOST_TEST(distrust_of_link("/tmp/l", {kOther, 0777}, {0, 01777}, kRoot).has_value());
  BOOST_TEST(!distrust_of_link("/tmp/l", {kUser, 0777}, {0, 01777}, kMe));
}

BOOST_AUTO_TEST_SUITE_END()
