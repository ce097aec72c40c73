// Which variables steer what runs, and which do not.
#include <boost/test/unit_test.hpp>

#include "logic/steering_names.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(steering_names)

BOOST_AUTO_TEST_CASE(loaders_shells_and_runtimes) {
  for (const char* name : {"PATH",
                           "HOME",
                           "IFS",
                           "ENV",
                           "PS4",
                           "BASH_ENV",
                           "BASH_FUNC_ls",
                           "SHELLOPTS",
                           "PROMPT_COMMAND",
                           "CDPATH",
                           "LD_PRELOAD",
                           "LD_LIBRARY_PATH",
                           "LD_AUDIT",
                           "DYLD_INSERT_LIBRARIES",
                           "GLIBC_TUNABLES",
                           "GCONV_PATH",
                           "MALLOC_CHECK_",
                           "NODE_OPTIONS",
                           "NODE_PATH",
                           "NODE_EXTRA_CA_CERTS",
                           "NPM_CONFIG_REGISTRY",
                           "PYTHONPATH",
                           "PYTHONSTARTUP",
                           "PYTHONHOME",
                           "PERL5LIB",
                           "PERL5OPT",
                           "PERLLIB",
                           "RUBYOPT",
                           "RUBYLIB",
                           "GEM_PATH",
                           "JAVA_TOOL_OPTIONS",
                           "_JAVA_OPTIONS",
                           "JDK_JAVA_OPTIONS",
                           "CLASSPATH",
                           "DOTNET_STARTUP_HOOKS",
                           "CORECLR_PROFILER_PATH",
                           "PHPRC",
                           "LUA_INIT",
                           "ERL_FLAGS",
                           "R_PROFILE",
                           "GODEBUG",
                           "OPENSSL_CONF",
                           "SSL_CERT_FILE",
                           "SSLKEYLOGFILE",
                           "HTTP_PROXY",
                           "HTTPS_PROXY",
                           "GIT_SSH_COMMAND",
                           "GIT_CONFIG_COUNT",
                           "PAGER",
                           "LESSOPEN",
                           "EDITOR",
                           "XDG_CONFIG_HOME",
                           "TERMINFO",
                           "NOTIFY_SOCKET"})
    BOOST_TEST(steered_by(name).has_value(), name);
  BOOST_TEST(steered_by("http_proxy").has_value());
  BOOST_TEST(steered_by("npm_config_registry").has_value());
}

BOOST_AUTO_TEST_CASE(what_secrets_are_called) {
  for (const char* name : {"",
                           "USER",
                           "USERNAME",
                           "PASSWORD",
                           "HOST",
                           "PORT",
                           "DATABASE",
                           "DB_PASSWORD",
                           "DATABASE_URL",
                           "TOKEN",
                           "API_KEY",
                           "GIT_TOKEN",
                           "NODE_NAME",
                           "NPM_TOKEN",
                           "PIP_TOKEN",
                           "PHP_PASSWORD",
                           "R_TOKEN",
                           "GO_TOKEN",
                           "AWS_ACCESS_KEY_ID",
                           "URL",
                           "PATHNAME",
                           "HOMEPAGE",
                           "ENVIRONMENT",
                           "LDAP_PASSWORD",
                           "SHELL_TOKEN",
                           "OPENSSLKEY",
                           "TERM",
                           "LANG",
                           "TZ",
                           "PROXY_PASSWORD"})
    BOOST_TEST(!steered_by(name).has_value(), name);
}

BOOST_AUTO_TEST_CASE(the_reason_names_variable_and_what_it_steers) {
  BOOST_TEST(why_not_unasked("LD_PRELOAD").value() ==
             "it would be the variable LD_PRELOAD, which steers the dynamic loader, and no mapping asks for that");
  BOOST_TEST(!why_not_unasked("DB_PASSWORD"));
}

BOOST_AUTO_TEST_SUITE_END()
