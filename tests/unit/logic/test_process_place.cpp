// What /proc tells everybody of where a process is: depth of pid namespaces, map of users, mounts, parent.
#include "logic/process_place.h"

#include <boost/test/unit_test.hpp>

#include "logic/proc_status.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(process_place)

namespace {

const std::string kHostMap = "         0          0 4294967295\n";
const std::string kHostMounts =
    "22 27 0:21 / /proc rw,relatime - proc proc rw\n27 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n30 27 8:2 / /home rw - ext4 "
    "/dev/sda2 rw\n";

ProcessPlace place(const std::string& mounts, const std::string& pids = "7", const std::string& map = kHostMap) {
  return place_of("0::/\n", "Name:\tsh\nNSpid:\t" + pids + "\n", map, mounts);
}

}  // namespace

BOOST_AUTO_TEST_CASE(pids_and_parent_of_a_status) {
  BOOST_TEST(parse_pid_depth("Name:\tsh\nPid:\t7\nNSpid:\t7\n") == 1);
  BOOST_TEST(parse_pid_depth("Name:\tsh\nNSpid:\t4711\t7\t1\nVmPeak:\t1\n") == 3);
  BOOST_TEST(parse_pid_depth("Name:\tNSpid:\t1\t1\nNSpid:\t9\n") == 1);  // a name is its process's to choose
  BOOST_TEST(parse_pid_depth("Name:\tsh\n") == 0);                       // before Linux 4.1
  BOOST_TEST(parse_parent("Name:\tsh\nPPid:\t42\n") == 42);
  BOOST_TEST(parse_parent("Name:\tsh\nPPid:\t0\n") == 0);
  BOOST_TEST(parse_parent("Name:\tsh\nPPid:\tx\n") == 0);
  BOOST_TEST(parse_parent("") == 0);
}

BOOST_AUTO_TEST_CASE(what_a_mountinfo_says) {
  const ProcessPlace host = place(kHostMounts);
  BOOST_TEST(host.mount_mark == "22");
  BOOST_TEST(host.root == "8:1 /");
  BOOST_TEST(place("900 800 0:99 / / rw - overlay overlay rw\n").root == "0:99 /");
  BOOST_TEST(place("22 27 0:21 / /proc rw - proc proc rw\n").root == "");  // chroot into a folder
  BOOST_TEST(place("").mount_mark == "");
  BOOST_TEST(is_root_mount("27 1 8:1 /@ / rw,relatime - btrfs /dev/sda1 rw"));
  BOOST_TEST(!is_root_mount("22 27 0:21 / /proc rw - proc proc rw"));
  BOOST_TEST(!is_root_mount("27 1 8:1"));
}

BOOST_AUTO_TEST_CASE(the_same_files_by_mount_namespace_or_root) {
  const ProcessPlace host = place(kHostMounts);
  BOOST_TEST(same_files(host, place(kHostMounts)));
  BOOST_TEST(same_files(host, place("523 500 8:1 / / ro,relatime - ext4 /dev/sda1 rw\n")));  // PrivateTmp=, ProtectSystem=
  BOOST_TEST(same_files(host, place("22 27 0:21 / /proc rw - proc proc rw\n")));  // chroot, but in the host's mount namespace
  BOOST_TEST(!same_files(host, place("900 800 0:99 / / rw - overlay overlay rw\n")));
  BOOST_TEST(!same_files(host, place("900 800 8:1 /var/lib/docker/vfs/dir/x / rw - ext4 /dev/sda1 rw\n")));
  BOOST_TEST(!same_files(place(""), place("")));  // nothing is known of either
}

BOOST_AUTO_TEST_CASE(the_same_namespaces_all_three) {
  const ProcessPlace one = place(kHostMounts, "7\t1");
  BOOST_TEST(same_namespaces(one, place(kHostMounts, "9\t3")));
  BOOST_TEST(!same_namespaces(one, place(kHostMounts, "9")));
  BOOST_TEST(!same_namespaces(one, place(kHostMounts, "9\t3", "0 100000 65536\n")));
  BOOST_TEST(!same_namespaces(one, place("523 500 8:1 / / ro - ext4 /dev/sda1 rw\n", "9\t3")));  // the root alone is not enough
  BOOST_TEST(!same_namespaces(place_of("", "", "", ""), place_of("", "", "", "")));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
