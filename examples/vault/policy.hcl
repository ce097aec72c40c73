# What DSO needs for KV version 2: the values, and the metadata so that a quiet poll moves no value.
path "secret/data/myapp/*" {
  capabilities = ["read"]
}
path "secret/metadata/myapp/*" {
  capabilities = ["read", "list"]
}
