#ifndef REGCTL_CSQLITE_SHIM_H
#define REGCTL_CSQLITE_SHIM_H

#include <sqlite3.h>

/* SQLITE_TRANSIENT is a casting macro, which Swift does not import. */
static inline int regctl_sqlite3_bind_text(sqlite3_stmt *statement, int index,
                                           const char *text, long long count) {
  return sqlite3_bind_text64(statement, index, text, (sqlite3_uint64)count,
                             SQLITE_TRANSIENT, SQLITE_UTF8);
}

static inline int regctl_sqlite3_bind_blob(sqlite3_stmt *statement, int index,
                                           const void *bytes, long long count) {
  return sqlite3_bind_blob64(statement, index, bytes, (sqlite3_uint64)count,
                             SQLITE_TRANSIENT);
}

/* sqlite3_db_config is variadic, which Swift cannot call. */
static inline int regctl_sqlite3_db_config(sqlite3 *connection, int option,
                                           int value) {
  return sqlite3_db_config(connection, option, value, (int *)0);
}

/* sqlite3_config is variadic too. */
static inline int regctl_sqlite3_config(int option, int value) {
  return sqlite3_config(option, value);
}

#endif
