// `secrets`, `defaults`, `agent`, `logging`: what counts after merging, and each slip with its line.
#include "config_check.h"

using namespace config_check;
using namespace std::chrono_literals;
using dso::InjectType;
using dso::Strategy;

BOOST_AUTO_TEST_SUITE(parse_config_secrets)

BOOST_AUTO_TEST_CASE(everything_at_once) {
  const auto config = clean(R"(
providers:
  prod: {type: vault, address: "https://vault:8200"}
agent:
  watch: {polling_interval: 30s, debounce: {quiet: 1s, max: 10s}}
  rotation: {strategy: restart, max_parallel: 4, health_check_timeout: 1m, drain_timeout: 5s}
  metrics: {listen: 127.0.0.1:9477}
  memory: {locked: required}
logging: {level: debug, format: json}
secrets:
  - name: myapp/db
    provider: prod
    inject: {type: file, path: /run/secrets/db, uid: 1000, gid: 1001, mode: "0440"}
    rotation: false
    targets: {containers: [api, worker], labels: {tier: web, n: 1}}
    mappings: {password: db, "tls.crt": tls.crt, "#a.b": nested}
  - name: other
    inject: env
    reload_strategy: {type: restart, health_check_timeout: 5s}
)");
  BOOST_TEST((config.agent.polling_interval == 30s && config.agent.debounce_quiet == 1s && config.agent.debounce_max == 10s));
  BOOST_TEST((config.agent.rotation.type == Strategy::restart && config.agent.max_parallel == 4));
  BOOST_TEST((config.agent.health_check_timeout == 1min && config.agent.drain_timeout == 5s));
  BOOST_TEST(config.agent.metrics_listen == "127.0.0.1:9477");
  BOOST_TEST(config.agent.memory_must_be_locked);
  BOOST_TEST(config.log_level == "debug");
  BOOST_TEST(config.log_format == "json");
  BOOST_REQUIRE(config.secrets.size() == 2u);
  const auto& db = config.secrets[0];
  BOOST_TEST(db.name == "myapp/db");
  BOOST_TEST(db.provider == "prod");
  BOOST_TEST((db.inject == dso::Inject{InjectType::file, "/run/secrets/db", 1000, 1001, 0440, false}));
  BOOST_TEST(!db.rotation);
  BOOST_TEST((db.targets.containers == std::vector<std::string>{"api", "worker"}));
  BOOST_TEST((db.targets.labels == std::map<std::string, std::string>{{"tier", "web"}, {"n", "1"}}));
  BOOST_TEST((db.mappings == std::vector<dso::Mapping>{{"password", "db"}, {"tls.crt", "tls.crt"}, {"#a.b", "nested"}}));
  BOOST_TEST(db.pos.line == 11);
  BOOST_TEST(db.pos.column == 5);
  const auto& other = config.secrets[1];
  BOOST_TEST((other.provider == "prod" && other.rotation && other.mappings.empty() && other.targets.empty()));
  BOOST_TEST((other.inject == dso::Inject{InjectType::env, "", {}, {}, {}, false}));
  BOOST_TEST((other.health_check_timeout == 5s && db.health_check_timeout == 1min));
}

BOOST_AUTO_TEST_CASE(what_is_not_said_is_as_documented) {
  const auto config = clean("secrets: [{name: a}]\n");
  const dso::Config defaults = dso::default_config();
  for (const auto& c : {config, defaults}) {
    BOOST_TEST((c.agent.polling_interval == 2min && c.agent.debounce_quiet == 2s && c.agent.debounce_max == 30s));
    BOOST_TEST((c.agent.max_parallel == 2 && c.agent.health_check_timeout == 45s && c.agent.drain_timeout == 10s));
    BOOST_TEST((c.agent.rotation == dso::ReloadStrategy{Strategy::automatic, ""}));
    BOOST_TEST((c.default_inject == dso::Inject{} && c.default_rotation && c.default_reload == dso::ReloadStrategy{}));
    BOOST_TEST((c.log_level == "info" && c.log_format == "text" && c.agent.metrics_listen.empty()));
    BOOST_TEST(!c.agent.memory_must_be_locked);
    BOOST_TEST(c.providers.size() == 1u);
  }
  const auto& a = config.secrets.at(0);
  BOOST_TEST((a.provider == "default" && a.rotation && a.inject == dso::Inject{} && a.reload == dso::ReloadStrategy{}));
  BOOST_TEST((a.health_check_timeout == 45s));
}

BOOST_AUTO_TEST_CASE(a_secret_takes_over_what_it_leaves_open) {
  const auto config = clean(R"(
secrets:
  - name: plain
  - {name: owner, inject: {type: file, uid: 7}}
  - {name: word, inject: file}
  - {name: env, inject: env}
  - {name: seen, inject: {gid: 9}, rotation: true}
defaults:
  inject: {type: file, path: /run/app/, uid: 5, gid: 6, mode: "0400"}
  rotation: false
  reload_strategy: {type: restart, health_check_timeout: 9s}
)");
  BOOST_REQUIRE(config.secrets.size() == 5u);
  const dso::Inject base{InjectType::file, "/run/app/", 5, 6, 0400, false};
  BOOST_TEST((config.default_inject == base && config.secrets[0].inject == base && config.secrets[2].inject == base));
  BOOST_TEST((config.secrets[1].inject == dso::Inject{InjectType::file, "/run/app/", 7, 6, 0400, false}));
  BOOST_TEST((config.secrets[3].inject == dso::Inject{InjectType::env, "", {}, {}, {}, false}));
  BOOST_TEST((config.secrets[4].inject == dso::Inject{InjectType::file, "/run/app/", 5, 9, 0400, false}));
  BOOST_TEST((!config.secrets[0].rotation && config.secrets[4].rotation));
  BOOST_TEST((config.secrets[0].health_check_timeout == 9s && config.secrets[0].reload.type == Strategy::restart));
}

BOOST_AUTO_TEST_CASE(strategies_in_order_of_precedence) {
  const char* agent = "agent: {rotation: {strategy: signal, signal: usr1}}\n";
  const auto reload = [](const std::string& yaml) { return clean(yaml).secrets.at(0).reload; };
  BOOST_TEST((reload(std::string(agent) + "secrets: [{name: a}]\n") == dso::ReloadStrategy{Strategy::signal, "SIGUSR1"}));
  BOOST_TEST(
      (reload(std::string(agent) + "defaults: {reload_strategy: restart}\nsecrets: [{name: a}]\n").type == Strategy::restart));
  BOOST_TEST(
      (reload("defaults: {reload_strategy: restart}\nsecrets: [{name: a, reload_strategy: none}]\n").type == Strategy::none));
  BOOST_TEST(
      (reload("secrets: [{name: a, reload_strategy: {signal: TERM}}]\n") == dso::ReloadStrategy{Strategy::signal, "SIGTERM"}));
  BOOST_TEST((reload("secrets: [{name: a, reload_strategy: signal}]\n") == dso::ReloadStrategy{Strategy::signal, "SIGHUP"}));
  // auto chooses a signal only where one was wished for.
  BOOST_TEST((reload("secrets: [{name: a, reload_strategy: {type: auto}}]\n") == dso::ReloadStrategy{Strategy::automatic, ""}));
  BOOST_TEST((reload("secrets: [{name: a, reload_strategy: {type: auto, signal: hup}}]\n") ==
              dso::ReloadStrategy{Strategy::automatic, "SIGHUP"}));
}

BOOST_AUTO_TEST_CASE(slips_in_a_secret) {
  const Bad bad[] = {
      {"secrets: [{name: a, injct: env}]\n", "1:21: error: secrets[0].injct: unknown key. Did you mean 'inject'?"},
      {"secrets: [{name: a, mode: \"0400\"}]\n", "1:21: error: secrets[0].mode: unknown key. It belongs under 'inject'."},
      {"secrets: [{name: a, inject: fil}]\n", "1:29: error: secrets[0].inject: there is no 'fil' here. Did you mean 'file'?"},
      {"secrets: [{name: a, inject: [env]}]\n",
       "1:29: error: secrets[0].inject: must be a map, not a list. Write 'file', 'env', or {type: file, path: /run/secrets/db}."},
      {"secrets: [{name: a, reload_strategy: {type: rollin}}]\n",
       "1:45: error: secrets[0].reload_strategy.type: there is no 'rollin' here. Did you mean 'rolling'?"},
      {"secrets: [{name: a, rotation: yes}]\n",
       "1:31: error: secrets[0].rotation: must be true or false, not 'yes'. Write true, without quotes."},
      {"secrets: [{name: a, rotation: \"true\"}]\n",
       "1:31: error: secrets[0].rotation: must be true or false, not 'true'. Write true, without quotes."},
      {"secrets: [{name: a, provider: defalt}]\n",
       "1:21: error: secrets[0].provider: there is no provider 'defalt'. Did you mean 'default'?"},
      {"secrets: [{name: 123}]\n", "1:18: error: secrets[0].name: must be a text, not a number. Put it in quotes."},
      {"secrets: [{name: true}]\n", "1:18: error: secrets[0].name: must be a text, not a truth value. Put it in quotes."},
      {"secrets: [{name: \"\"}]\n", "1:18: error: secrets[0].name: must not be empty"},
      {"secrets:\n  - name:\n", "2:5: error: secrets[0].name: has no value. Give it a text, or leave the key out."},
      {"secrets: [{name: \" a\"}]\n", "1:18: error: secrets[0].name: ' a' begins or ends with a blank"},
      {"secrets: [{name: \"a\\0b\"}]\n",
       "1:18: error: secrets[0].name: holds a line break or another control character. Write it on one line."},
      {"secrets: [{name: a/../b}]\n", "1:18: error: secrets[0].name: 'a/../b' holds '.' or '..' as a part of its path"},
      {"secrets: [{name: \"a#b\"}]\n",
       "1:18: error: secrets[0].name: 'a#b' holds a '#', which begins a field in references; use 'mappings' to choose fields"},
      {"secrets: [{inject: env}]\n",
       "1:11: error: secrets[0]: has no 'name'. Give the secret's name as the store knows it, as 'name: myapp/db'."},
      {"secrets: [myapp/db]\n", "1:11: error: secrets[0]: must be a map, not a text. Write '- name: myapp/db'."},
      {"secrets: {a: b}\n", "1:10: error: secrets: must be a list, not a map. Begin each secret with '- name: …'."},
      {"secrets: [{name: a, targets: {containers: api}}]\n",
       "1:43: error: secrets[0].targets.containers: must be a list, not a text. Write [api]."},
      {"secrets: [{name: a, targets: {containers: [/api]}}]\n",
       "1:44: error: secrets[0].targets.containers[0]: '/api' cannot be the name of a container or service. Write it without the "
       "'/'."},
      {"secrets: [{name: a, targets: {containers: [\"web*\"]}}]\n",
       "1:44: error: secrets[0].targets.containers[0]: 'web*' cannot be the name of a container or service. Letters, digits, "
       "'_', '.' and '-'; patterns are not supported."},
      {"secrets: [{name: a, targets: {labels: [a]}}]\n",
       "1:39: error: secrets[0].targets.labels: must be a map, not a list. For example {tier: web}."},
      {"secrets: [{name: a, targets: {}}]\n",
       "1:21: warning: secrets[0].targets: names no container. Leave it out, or give 'containers' or 'labels'."},
      {"secrets:\n", "1:1: warning: secrets: is empty. Leave the key out."},
  };
  for (const Bad& b : bad) check_one(b.yaml, b.line);
}

BOOST_AUTO_TEST_CASE(all_findings_are_reported_in_order) {
  BOOST_TEST(joined(findings("agnet: {}\nsecrets:\n  - name: a\n    injct: env\n    provider: prd\nlogging: {level: inof}\n")) ==
             "1:1: error: agnet: unknown key. Did you mean 'agent'?\n"
             "4:5: error: secrets[0].injct: unknown key. Did you mean 'inject'?\n"
             "5:5: error: secrets[0].provider: there is no provider 'prd'. One of: default.\n"
             "6:18: error: logging.level: there is no 'inof' here. Did you mean 'info'?\n");
}

BOOST_AUTO_TEST_CASE(modes_are_quoted_octal) {
  const auto mode = [](const std::string& text) {
    return clean("secrets: [{name: a, inject: {mode: " + text + "}}]\n").secrets.at(0).inject.mode.value_or(99999);
  };
  BOOST_TEST(mode("\"0400\"") == 0400u);
  BOOST_TEST(mode("'440'") == 0440u);
  BOOST_TEST(mode("\"0644\"") == 0644u);
  const std::pair<const char*, const char*> bad[] = {
      {"400", "must be an octal number in quotes: without them YAML readers disagree about '400'. Write mode: \"0400\"."},
      {"0440", "must be an octal number in quotes: without them YAML readers disagree about '0440'. Write mode: \"0440\"."},
      {"0o440", "must be an octal number in quotes: without them YAML readers disagree about '0o440'. Write mode: \"0440\"."},
      {"256", "must be an octal number in quotes: without them YAML readers disagree about '256'. Write mode: \"0256\"."},
      {"rw", "must be an octal number in quotes: without them YAML readers disagree about 'rw'. Write mode: \"0400\"."},
      {"\"4755\"", "'4755' has setuid, setgid or sticky bits, which a secret must not have. Write mode: \"0755\"."},
      {"\"01777\"", "'01777' has setuid, setgid or sticky bits, which a secret must not have. Write mode: \"0777\"."},
      {"\"0800\"", "'0800' is not an octal mode. Three digits from 0 to 7 with a 0 before them, as \"0400\"."},
      {"\"u=r\"", "'u=r' is not an octal mode. Three digits from 0 to 7 with a 0 before them, as \"0400\"."},
      {"\"\"", "'' is not an octal mode. Three digits from 0 to 7 with a 0 before them, as \"0400\"."},
      {"\"00000400\"", "'00000400' is not an octal mode. Three digits from 0 to 7 with a 0 before them, as \"0400\"."},
      {"\"0200\"", "nobody could read a file of mode '0200'. For example mode: \"0400\"."},
      {"[0400]", "must be an octal number in quotes, not a list. For example mode: \"0400\"."},
  };
  for (const auto& [text, says] : bad)
    check_one("secrets: [{name: a, inject: {mode: " + std::string(text) + "}}]\n",
              "1:" + std::string(*text == '[' ? "30" : "36") + ": error: secrets[0].inject.mode: " + says);
}

BOOST_AUTO_TEST_CASE(owners_are_numbers) {
  for (const char* bad : {"root", "-1", "4294967295", "1.5", "0x10", "007", "\"1000\"", "99999999999999999999"})
    BOOST_TEST(findings("secrets: [{name: a, inject: {uid: " + std::string(bad) + "}}]\n").size() == 1u, bad);
  check_one(
      "secrets: [{name: a, inject: {gid: \"1000\"}}]\n",
      "1:35: error: secrets[0].inject.gid: must be a whole number from 0 to 4294967294, not '1000'. Write it without quotes.");
  BOOST_TEST(clean("secrets: [{name: a, inject: {uid: 0}}]\n").secrets[0].inject.uid.value_or(9) == 0u);
}

BOOST_AUTO_TEST_CASE(paths_stay_inside_and_plain) {
  for (const char* good : {"/run/secrets", "/run/secrets/", "/run/secrets/db", "/app/conf/db.json", "/db"})
    BOOST_TEST(clean("secrets: [{name: a, inject: {path: " + std::string(good) + "}}]\n").secrets[0].inject.path == good);
  for (const char* bad : {"run/secrets", "/", "//", "/run/../etc", "/run/./x", "/a//b", "/etc/", "/usr/bin/", "/proc/x",
                          "\"/a\\0b\"", "\"/a\\nb\"", "~/x"})
    BOOST_TEST(findings("secrets: [{name: a, inject: {path: " + std::string(bad) + "}}]\n").size() == 1u, bad);
  check_one("secrets: [{name: a, inject: {path: db}}]\n",
            "1:36: error: secrets[0].inject.path: 'db' cannot be used: it is not absolute. For example /run/secrets/db.");
}

BOOST_AUTO_TEST_CASE(combinations_that_cannot_be) {
  const std::string why = "a signal cannot bring a new value: the environment of a running process cannot change.";
  const std::string use = " Use reload_strategy: {type: restart} (or rolling), or inject: file.";
  const Bad bad[] = {
      {"secrets: [{name: a, inject: env, reload_strategy: signal}]\n", "1:34: error: secrets[0].reload_strategy: " + why + use},
      {"defaults: {reload_strategy: signal}\nsecrets: [{name: a, inject: env}]\n",
       "2:21: error: secrets[0].inject: " + why + " The strategy comes from the defaults." + use},
      {"agent: {rotation: {strategy: signal}}\ndefaults: {inject: env}\nsecrets: [{name: a}]\n",
       "3:12: error: secrets[0].inject: " + why + " The strategy comes from the defaults." + use},
      {"secrets: [{name: a, inject: {type: env, path: /x}}]\n",
       "1:47: error: secrets[0].inject.path: means a file, but the type is env. Leave it out, or set type: file."},
      {"secrets: [{name: a, inject: {type: file, visible: true}}]\n",
       "1:51: error: secrets[0].inject.visible: means variables, but the type is file. Leave it out, or set type: env."},
      {"secrets: [{name: a, inject: {template: x}}]\n",
       "1:30: error: secrets[0].inject.template: is not supported yet. Use 'mappings' to choose fields and their names."},
      {"secrets: [{name: a, reload_strategy: {type: restart, signal: HUP}}]\n",
       "1:54: warning: secrets[0].reload_strategy.signal: has no effect with the strategy 'restart'. Leave it out, or use the "
       "strategy 'signal'."},
      {"secrets: [{name: a, rotation: false, reload_strategy: restart}]\n",
       "1:38: warning: secrets[0].reload_strategy: has no effect, since 'rotation' is false. Leave one of them out."},
      {"secrets: [{name: a, inject: {type: env, visible: true}}]\n",
       "1:41: warning: secrets[0].inject.visible: everyone who may use 'docker inspect' will see the values. Leave it out to "
       "keep them out of the container's settings."},
      {"agent: {watch: {debounce: {quiet: 1m}}}\n",
       "1:35: error: agent.watch.debounce.quiet: 'max' (30s) is shorter than 'quiet' (1m). A change waits 'quiet' after the last "
       "one, and 'max' at the most."},
  };
  for (const Bad& b : bad) check_one(b.yaml, b.line);
  clean("secrets: [{name: a, inject: env, rotation: false}]\ndefaults: {reload_strategy: signal}\n");
  clean("secrets: [{name: a, inject: env, reload_strategy: auto}]\n");
}

BOOST_AUTO_TEST_CASE(signals_by_name) {
  for (const char* name : {"hup", "HUP", "SIGHUP", "sighup", "Sighup"})
    BOOST_TEST(clean("secrets: [{name: a, reload_strategy: {type: signal, signal: " + std::string(name) + "}}]\n")
                   .secrets[0]
                   .reload.signal == "SIGHUP");
  const std::pair<const char*, const char*> bad[] = {
      {"hub", "there is no signal 'hub'. Did you mean 'SIGHUP'?"},
      {"1", "must be a signal's name, not its number. Write SIGHUP."},
      {"\"10\"", "must be a signal's name, not its number. Write SIGUSR1."},
      {"99", "must be a signal's name, not its number. For example SIGHUP."},
      {"99999999999999999999", "must be a signal's name, not its number. For example SIGHUP."},
      {"KILL", "no program can react to SIGKILL. Use SIGHUP, or the strategy 'restart'."},
      {"SIGSTOP", "no program can react to SIGSTOP. Use SIGHUP, or the strategy 'restart'."},
      {"reload", "there is no signal 'reload'. For example SIGHUP, SIGUSR1 or SIGTERM."},
  };
  for (const auto& [name, says] : bad)
    check_one("secrets: [{name: a, reload_strategy: {type: signal, signal: " + std::string(name) + "}}]\n",
              "1:61: error: secrets[0].reload_strategy.signal: " + std::string(says));
}

BOOST_AUTO_TEST_CASE(one_version) {
  const auto config = clean("secrets: [{name: db}, {name: db, version: AWSPREVIOUS}, {name: db, version: 3}]\n");
  BOOST_REQUIRE(config.secrets.size() == 3u);
  BOOST_TEST(config.secrets[0].name == "db");
  BOOST_TEST(config.secrets[1].name == "db?version=AWSPREVIOUS");
  BOOST_TEST(config.secrets[2].name == "db?version=3");
  for (const char* entry : {"{name: db, version: \"\"}", "{name: db, version: \"a b\"}", "{name: \"db?version=1\", version: 2}"})
    BOOST_TEST(joined(findings(std::string("secrets: [") + entry + "]\n")).find("version") != std::string::npos, entry);
}

BOOST_AUTO_TEST_CASE(the_same_secret_twice) {
  check_one("secrets:\n  - name: a\n  - name: a\n    inject: env\n",
            "3:5: error: secrets[1].name: the secret 'a' of the provider 'default' is there twice. It is first given in line 2; "
            "only with different targets may it be there again.");
  clean(
      "secrets:\n  - {name: a, targets: {containers: [x]}}\n  - {name: a, targets: {containers: [y]}}\n  - {name: a, targets: "
      "{labels: {k: v}}}\n");
  clean("providers: {p: {type: local}, q: {type: vault}}\nsecrets: [{name: a, provider: p}, {name: a, provider: q}]\n");
}

BOOST_AUTO_TEST_CASE(numbers_and_durations_of_the_agent) {
  const Bad bad[] = {
      {"agent: {watch: {polling_interval: 120}}\n",
       "1:35: error: agent.watch.polling_interval: '120' has no unit. Write '120s' for seconds, or use h, m, ms."},
      {"agent: {watch: {polling_interval: 500ms}}\n",
       "1:35: error: agent.watch.polling_interval: '500ms' is out of bounds. From 1s to 24h."},
      {"agent: {watch: {polling_interval: 48h}}\n",
       "1:35: error: agent.watch.polling_interval: '48h' is out of bounds. From 1s to 24h."},
      {"agent: {watch: {polling_interval: -1s}}\n",
       "1:35: error: agent.watch.polling_interval: '-1s' is not a duration. Write a whole number with a unit (h, m, s, ms), as "
       "'2m', '500ms' or '1h30m'."},
      {"agent: {watch: {polling_interval: {}}}\n",
       "1:35: error: agent.watch.polling_interval: must be a duration as '2m' or '500ms', not a map"},
      {"agent: {rotation: {max_parallel: 0}}\n",
       "1:34: error: agent.rotation.max_parallel: must be a whole number from 1 to 64, not '0'"},
      {"agent: {rotation: {max_parallel: two}}\n",
       "1:34: error: agent.rotation.max_parallel: must be a whole number from 1 to 64, not 'two'"},
      {"agent: {rotation: {health_check_timeout: 0s}}\n",
       "1:42: error: agent.rotation.health_check_timeout: '0s' is out of bounds. From 1s to 1h."},
      {"agent: {metrics: {listen: 9477}}\n",
       "1:27: error: agent.metrics.listen: must be a text, not a number. Put it in quotes."},
      {"agent: {metrics: {listen: \"127.0.0.1:99999\"}}\n",
       "1:27: error: agent.metrics.listen: '127.0.0.1:99999' is not an address and a port. For example 127.0.0.1:9477."},
      {"agent: {memory: {locked: maybe}}\n",
       "1:26: error: agent.memory.locked: there is no 'maybe' here. One of: preferred, required."},
      {"agent: {polling_interval: 2m}\n", "1:9: error: agent.polling_interval: unknown key. It belongs under 'agent.watch'."},
      {"agent: polling\n", "1:8: error: agent: must be a map, not a text"},
      {"logging: {level: trace}\n", "1:18: error: logging.level: there is no 'trace' here. One of: debug, info, warn, error."},
  };
  for (const Bad& b : bad) check_one(b.yaml, b.line);
  for (const char* good : {"\"[::1]:9477\"", "\":9477\"", "localhost:1"})
    BOOST_TEST(!clean("agent: {metrics: {listen: " + std::string(good) + "}}\n").agent.metrics_listen.empty());
}

BOOST_AUTO_TEST_SUITE_END()
