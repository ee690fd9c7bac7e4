"""Secrecy, all of it.

`safes` makes safes, grants and exclusions; `keyring` opens them; `rows` seals columns under the house key;
`fields` are the sealed columns; `receipts` are the codes reporters keep; `files`, `uploads`, `storage` and
`pictures` keep what people attach; `members` keeps members' keys. Nothing else imports PyNaCl.
"""
