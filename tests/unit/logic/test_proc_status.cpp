// The lines about signals, and texts that lack them.
#include <boost/test/unit_test.hpp>

#include "logic/proc_status.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(proc_status)

BOOST_AUTO_TEST_CASE(the_masks) {
  const auto p = parse_process_signals(
      "Name:\tnginx\nUmask:\t0022\nSigPnd:\t0000000000000000\nSigBlk:\t0000000000000002\nSigIgn:\t0000000040001000\n"
      "SigCgt:\t0000000198016a07\nCapInh:\t0\n");
  BOOST_REQUIRE(p.has_value());
  BOOST_TEST(p->name == "nginx");
  BOOST_TEST(p->caught == 0x198016a07u);
  BOOST_TEST(p->ignored == 0x40001000u);
  BOOST_TEST(p->blocked == 2u);
}

BOOST_AUTO_TEST_CASE(anything_else_is_nothing) {
  BOOST_TEST(!parse_process_signals("").has_value());
  BOOST_TEST(!parse_process_signals("Name:\tx\nSigBlk:\t0\nSigIgn:\t0\n").has_value());
  BOOST_TEST(!parse_process_signals("Name:\tx\nSigBlk:\t0\nSigIgn:\t0\nSigCgt:\tzz\n").has_value());
}

BOOST_AUTO_TEST_CASE(numbers) {
  const char* const status = "Name:\tx\nNSpid:\t7\t1\nPPid:\t12\nThreads:\t33\nSigQ:\t0/63451\n";
  BOOST_TEST(parse_pid_depth(status) == 2);
  BOOST_TEST(parse_parent(status) == 12);
  BOOST_TEST(parse_threads(status) == 33);
  BOOST_TEST(parse_threads("Threads:\tmany\n") == 0);
  BOOST_TEST(parse_threads("") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
