// The tables. Sources: glibc's unsecvars.h, sudo's env.c, the manuals of the shells and language runtimes named here.
#include "logic/steering_names.h"

#include <algorithm>

#include "logic/text.h"

namespace dso {
namespace {

struct Steered {
  std::string_view what;
  std::string_view prefixes;  ///< By blanks.
  std::string_view names;     ///< By blanks.
};

constexpr Steered kSteered[] = {
    {"where programs are found", "", "PATH CDPATH FPATH EXECPATH"},
    {"the dynamic loader", "LD_ DYLD_", "_RLD_LIST LIBPATH SHLIB_PATH LDR_PRELOAD LDR_PRELOAD64"},
    {"the C library", "MALLOC_",
     "GLIBC_TUNABLES GCONV_PATH GETCONF_DIR LOCPATH NLSPATH PATH_LOCALE TZDIR HOSTALIASES LOCALDOMAIN RES_OPTIONS "
     "RESOLV_HOST_CONF "
     "RESOLV_ADD_TRIM_DOMAINS RESOLV_OVERRIDE_TRIM_DOMAINS NIS_PATH TMPDIR"},
    {"the shell", "BASH_",
     "BASHOPTS SHELLOPTS SHELL ENV IFS PS0 PS1 PS2 PS3 PS4 PROMPT_COMMAND GLOBIGNORE POSIXLY_CORRECT ZDOTDIR NULLCMD READNULLCMD "
     "INPUTRC FCEDIT HISTFILE TMOUT"},
    {"where programs find their settings", "XDG_", "HOME PWD OLDPWD TERMINFO TERMINFO_DIRS TERMPATH TERMCAP"},
    {"which programs others start", "",
     "EDITOR VISUAL PAGER MANPAGER SYSTEMD_PAGER BROWSER LESS LESSOPEN LESSCLOSE LESSKEY SSH_ASKPASS SUDO_ASKPASS GIT_SSH "
     "GIT_SSH_COMMAND GIT_ASKPASS GIT_EDITOR GIT_SEQUENCE_EDITOR GIT_PAGER GIT_EXEC_PATH GIT_EXTERNAL_DIFF GIT_PROXY_COMMAND "
     "GIT_TEMPLATE_DIR MAKEFLAGS MAKEFILES EXINIT VIMINIT"},
    {"git", "GIT_CONFIG", ""},
    {"Node.js", "NPM_CONFIG_",
     "NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS NODE_TLS_REJECT_UNAUTHORIZED NODE_REPL_EXTERNAL_MODULE NODE_V8_COVERAGE "
     "NODE_REDIRECT_WARNINGS NODE_ICU_DATA NODE_DEBUG NODE_USE_ENV_PROXY BUN_OPTIONS DENO_DIR"},
    {"Python", "PYTHON", "PIP_CONFIG_FILE PIP_INDEX_URL PIP_EXTRA_INDEX_URL VIRTUAL_ENV"},
    {"Perl", "PERL5 PERLIO PERL_", "PERLLIB"},
    {"Ruby", "RUBY", "GEM_HOME GEM_PATH BUNDLE_GEMFILE BUNDLE_PATH IRBRC"},
    {"Java", "JAVA_ _JAVA_ JDK_", "CLASSPATH JVM_OPTS CATALINA_OPTS MAVEN_OPTS GRADLE_OPTS SBT_OPTS ANT_OPTS"},
    {".NET", "DOTNET_ CORECLR_ COMPLUS_ COR_", "ASPNETCORE_HOSTINGSTARTUPASSEMBLIES"},
    {"PHP", "", "PHPRC PHP_INI_SCAN_DIR"},
    {"Lua", "LUA_", ""},
    {"Erlang and Elixir", "ERL_ ELIXIR_", ""},
    {"R", "", "R_HOME R_LIBS R_LIBS_USER R_LIBS_SITE R_PROFILE R_PROFILE_USER R_ENVIRON R_ENVIRON_USER"},
    {"Julia, Tcl, Guile", "JULIA_ GUILE_", "TCLLIBPATH TCL_LIBRARY"},
    {"Go's runtime", "", "GODEBUG GOTRACEBACK GOGC GOMAXPROCS GOMEMLIMIT GOFLAGS GOPROXY"},
    {"TLS", "OPENSSL_", "SSL_CERT_FILE SSL_CERT_DIR SSLKEYLOGFILE CURL_CA_BUNDLE CURL_HOME REQUESTS_CA_BUNDLE AWS_CA_BUNDLE"},
    {"where requests are sent", "", "HTTP_PROXY HTTPS_PROXY FTP_PROXY ALL_PROXY NO_PROXY"},
    {"sanitizers", "", "ASAN_OPTIONS LSAN_OPTIONS MSAN_OPTIONS TSAN_OPTIONS UBSAN_OPTIONS"},
    {"modules of desktop libraries", "", "GIO_EXTRA_MODULES GIO_MODULE_DIR GTK_MODULES GTK_PATH QT_PLUGIN_PATH QML_IMPORT_PATH"},
    {"what a service manager handed over", "", "NOTIFY_SOCKET LISTEN_FDS LISTEN_FDNAMES LISTEN_PID"},
};

template <class Fits>
bool any_word(std::string_view words, Fits fits) {
  while (!words.empty()) {
    const std::size_t blank = std::min(words.find(' '), words.size());
    if (blank > 0 && fits(words.substr(0, blank))) return true;
    words.remove_prefix(std::min(blank + 1, words.size()));
  }
  return false;
}

}  // namespace

std::optional<std::string_view> steered_by(std::string_view variable) {
  const std::string name = upper(variable);  // http_proxy and npm_config_… count in either case
  for (const Steered& s : kSteered)
    if (any_word(s.names, [&](std::string_view one) { return name == one; }) ||
        any_word(s.prefixes, [&](std::string_view one) { return name.starts_with(one); }))
      return s.what;
  return std::nullopt;
}

std::optional<std::string> why_not_unasked(std::string_view variable) {
  const auto what = steered_by(variable);
  if (!what) return std::nullopt;
  return "it would be the variable " + std::string(variable) + ", which steers " + std::string(*what) +
         ", and no mapping asks for that";
}

}  // namespace dso
