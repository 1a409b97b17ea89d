/*
 * What a C programmer would put in OBM's place: gSOAP's generated reader of the outbound message's own WSDL, a thread a
 * connection, and one thread that commits what waits to the tables that OBM has, with the durability that OBM has.
 * gsoap-server.ts generates the reader, writes fields.h and starts it: server JOB_CONFIG_ID DATABASE; it prints its port.
 */
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/random.h>
#include <time.h>
#include "soapH.h"
#include "NotificationBinding.nsmap"
#include "fields.h" /* OBJECT_NAME, and FIELDS(X) with an X(name in XML, name in C) for each field */

#define GROUP_NOTIFICATIONS_MAX 2000 /* as OBM's */
#define NOTIFICATIONS_MAX 100

struct text {
  char *start;
  size_t length, room;
};

/* A notification as the tables want it. */
struct row {
  const char *notification_id;
  char run_id[37], record_key[64], content_mark[24];
  struct text body, properties;
};

/* An envelope that waits for its commit. */
struct waiting {
  const char *organization_id;
  long long received_at;
  int count, is_kept;
  struct row rows[NOTIFICATIONS_MAX];
  pthread_cond_t done;
  int is_done;
  struct waiting *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static struct waiting *first, **last = &first;
static const char *job_config_id;
static sqlite3 *db;

static void add(struct text *text, const char *part, size_t length) {
  if (text->length + length + 1 > text->room) {
    text->room = (text->length + length + 1) * 2;
    text->start = realloc(text->start, text->room);
    if (!text->start) abort();
  }
  memcpy(text->start + text->length, part, length);
  text->length += length;
  text->start[text->length] = 0;
}

static void put(struct text *text, const char *part) { add(text, part, strlen(part)); }

static void put_xml(struct text *text, const char *value) {
  for (const char *from = value;; from++) {
    size_t plain = strcspn(from, "&<>\r");
    add(text, from, plain);
    from += plain;
    if (!*from) return;
    put(text, *from == '&' ? "&amp;" : *from == '<' ? "&lt;" : *from == '>' ? "&gt;" : "&#xD;");
  }
}

static void put_json(struct text *text, const char *value) {
  put(text, "\"");
  for (; *value; value++) {
    char escaped[8];
    unsigned char c = (unsigned char)*value;
    if (c == '"' || c == '\\') snprintf(escaped, sizeof escaped, "\\%c", c);
    else if (c < 32) snprintf(escaped, sizeof escaped, "\\u%04x", c);
    else snprintf(escaped, sizeof escaped, "%c", c);
    put(text, escaped);
  }
  put(text, "\"");
}

static void put_leaf(struct text *text, const char *name, const char *value) {
  if (!value) return;
  put(text, " <");
  put(text, name);
  put(text, ">");
  put_xml(text, value);
  put(text, "</");
  put(text, name);
  put(text, ">\n");
}

static void put_field(struct text *text, const char *name, const char *value) {
  if (!value) return; /* nil and absent are one to gSOAP */
  put(text, "   <sf:");
  put(text, name);
  put(text, ">");
  put_xml(text, value);
  put(text, "</sf:");
  put(text, name);
  put(text, ">\n");
}

static void put_property(struct text *text, const char *name, const char *value) {
  if (!value) return;
  put(text, text->length ? "," : "{");
  put_json(text, name);
  put(text, ":");
  put_json(text, value);
}

/* What a copy of a notification is compared by: the length and the CRC-32 of all that it says. */
struct mark {
  unsigned length, crc;
};

static unsigned crc_of_byte[256];

__attribute__((constructor)) static void fill_crc_of_byte(void) {
  for (unsigned byte = 0; byte < 256; byte++) {
    unsigned crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320u ^ crc >> 1 : crc >> 1;
    crc_of_byte[byte] = crc;
  }
}

static void mark_bytes(struct mark *mark, const char *from, size_t count) {
  mark->length += count;
  while (count--) mark->crc = crc_of_byte[(mark->crc ^ (unsigned char)*from++) & 255] ^ mark->crc >> 8;
}

static void mark_field(struct mark *mark, const char *name, const char *value) {
  if (!value) return;
  mark_bytes(mark, "", 1);
  mark_bytes(mark, name, strlen(name));
  mark_bytes(mark, "", 1);
  mark_bytes(mark, value, strlen(value));
}

static char *put_base36(char *end, unsigned value) {
  char digits[8];
  int count = 0;
  do digits[count++] = "0123456789abcdefghijklmnopqrstuvwxyz"[value % 36];
  while (value /= 36);
  while (count) *end++ = digits[--count];
  return end;
}

static void write_mark(char *text, struct mark mark) {
  char *end = put_base36(text, mark.length);
  *end++ = '.';
  *put_base36(end, ~mark.crc) = 0;
}

static long long now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

static void make_run_id(char *run_id, long long now, int serial) {
  static __thread unsigned char pool[2560];
  static __thread size_t used = sizeof pool;
  if (used == sizeof pool) {
    if (getrandom(pool, sizeof pool, 0) != sizeof pool) abort();
    used = 0;
  }
  char *end = run_id + sprintf(run_id, "%012llx%04x", now, serial & 0xffff);
  for (int i = 0; i < 10; i++) end += sprintf(end, "%02x", pool[used++]);
}

static void fill_row(struct row *row, struct _ns1__notifications *message, int index, long long now) {
  __typeof__(*message->Notification) *notification = message->Notification + index;
  __typeof__(*notification->sObject) *object = notification->sObject;
  struct text *body = &row->body, *properties = &row->properties;
  row->notification_id = notification->Id;
  make_run_id(row->run_id, now, index);

  put(body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<notifications"
            " xmlns=\"http://soap.sforce.com/2005/09/outbound\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n");
  put_leaf(body, "OrganizationId", message->OrganizationId);
  put_leaf(body, "ActionId", message->ActionId);
  put(body, " <SessionId xsi:nil=\"true\"/>\n");
  put_leaf(body, "EnterpriseUrl", message->EnterpriseUrl);
  put_leaf(body, "PartnerUrl", message->PartnerUrl);
  put(body, " <Notification>\n  <Id>");
  put(body, notification->Id);
  put(body, "</Id>\n");
  if (object) {
    put(body, "  <sObject xsi:type=\"sf:" OBJECT_NAME "\" xmlns:sf=\"urn:sobject.enterprise.soap.sforce.com\">\n");
    put_field(body, "Id", object->Id);
#define PUT(name_in_xml, name_in_c) put_field(body, name_in_xml, object->name_in_c);
    FIELDS(PUT)
    put(body, "  </sObject>\n");
    struct mark mark = {0, ~0u};
    mark_bytes(&mark, OBJECT_NAME, strlen(OBJECT_NAME));
    mark_bytes(&mark, "", 1);
    mark_bytes(&mark, object->Id ? object->Id : "", object->Id ? strlen(object->Id) : 0);
#define MARK(name_in_xml, name_in_c) mark_field(&mark, name_in_xml, object->name_in_c);
    FIELDS(MARK)
    write_mark(row->content_mark, mark);
    snprintf(row->record_key, sizeof row->record_key, "%s/%s", message->OrganizationId, object->Id ? object->Id : "");
  }
  put(body, " </Notification>\n</notifications>");

  char received[32], whole[32];
  time_t seconds = now / 1000;
  struct tm utc;
  strftime(received, sizeof received, "%FT%T", gmtime_r(&seconds, &utc));
  snprintf(whole, sizeof whole, "%.19s.%03dZ", received, (int)(now % 1000));
  put_property(properties, "OrganizationId", message->OrganizationId);
  put_property(properties, "ActionId", message->ActionId);
  put_property(properties, "NotificationId", notification->Id);
  if (object) put_property(properties, "ObjectType", OBJECT_NAME);
  if (object) put_property(properties, "RecordId", object->Id);
  put_property(properties, "EnterpriseUrl", message->EnterpriseUrl);
  put_property(properties, "PartnerUrl", message->PartnerUrl);
  put_property(properties, "ReceivedAt", whole);
  put(properties, "}");
}

static void must(int is_right) {
  if (is_right) return;
  fprintf(stderr, "SQLite: %s\n", sqlite3_errmsg(db));
  exit(1);
}

static sqlite3_stmt *prepare(const char *sql) {
  sqlite3_stmt *statement;
  must(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK);
  return statement;
}

static void run(sqlite3_stmt *statement) {
  must(sqlite3_step(statement) == SQLITE_DONE);
  sqlite3_reset(statement);
}

static void bind_text(sqlite3_stmt *statement, int place, const char *value) {
  must(sqlite3_bind_text(statement, place, value, -1, SQLITE_STATIC) == SQLITE_OK);
}

/* Takes what waits, as OBM does: while a commit is under way the next group gathers. */
static struct waiting *take_group(void) {
  pthread_mutex_lock(&lock);
  while (!first) pthread_cond_wait(&work, &lock);
  struct waiting *group = first, *end = first;
  int size = end->count;
  while (end->next && size + end->next->count <= GROUP_NOTIFICATIONS_MAX) {
    end = end->next;
    size += end->count;
  }
  first = end->next;
  if (!first) last = &first;
  end->next = NULL;
  pthread_mutex_unlock(&lock);
  return group;
}

static void *commit_groups(void *unused) {
  (void)unused;
  sqlite3_stmt *begin = prepare("BEGIN IMMEDIATE"), *commit = prepare("COMMIT");
  sqlite3_stmt *config = prepare("SELECT 1 FROM job_config WHERE job_config_id = ?");
  sqlite3_stmt *accept = prepare("INSERT INTO accepted (job_config_id, organization_id, notification_id, run_id,"
                                 " accepted_at, content_mark) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  sqlite3_stmt *queue = prepare("INSERT INTO job_run (run_id, job_config_id, status, message_name, message_body,"
                                " message_properties, submitted_by, queued_at, due_at, record_key)"
                                " VALUES (?, ?, 'QUEUED', 'msg1', ?, ?, 'obm', ?, ?, ?)");
  for (;;) {
    struct waiting *group = take_group();
    run(begin);
    bind_text(config, 1, job_config_id);
    int is_kept = sqlite3_step(config) == SQLITE_ROW;
    sqlite3_reset(config);
    for (struct waiting *each = group; is_kept && each; each = each->next) {
      for (struct row *row = each->rows; row < each->rows + each->count; row++) {
        bind_text(accept, 1, job_config_id);
        bind_text(accept, 2, each->organization_id);
        bind_text(accept, 3, row->notification_id);
        bind_text(accept, 4, row->run_id);
        sqlite3_bind_int64(accept, 5, each->received_at);
        bind_text(accept, 6, row->content_mark);
        run(accept);
        if (sqlite3_changes(db) == 0) continue;
        bind_text(queue, 1, row->run_id);
        bind_text(queue, 2, job_config_id);
        sqlite3_bind_text(queue, 3, row->body.start, row->body.length, SQLITE_STATIC);
        sqlite3_bind_text(queue, 4, row->properties.start, row->properties.length, SQLITE_STATIC);
        sqlite3_bind_int64(queue, 5, each->received_at);
        sqlite3_bind_int64(queue, 6, each->received_at);
        bind_text(queue, 7, row->record_key);
        run(queue);
      }
    }
    run(commit);
    pthread_mutex_lock(&lock);
    for (struct waiting *next; group; group = next) {
      next = group->next;
      group->is_kept = is_kept;
      group->is_done = 1;
      pthread_cond_signal(&group->done);
    }
    pthread_mutex_unlock(&lock);
  }
}

int __ns1__notifications(struct soap *soap, struct _ns1__notifications *message,
                         struct _ns1__notificationsResponse *response) {
  if (!message->OrganizationId || message->__sizeNotification > NOTIFICATIONS_MAX) return SOAP_FAULT;
  struct waiting *waiting = calloc(1, sizeof *waiting);
  if (!waiting) return SOAP_EOM;
  waiting->organization_id = message->OrganizationId;
  waiting->received_at = now_ms();
  waiting->count = message->__sizeNotification;
  pthread_cond_init(&waiting->done, NULL);
  for (int i = 0; i < waiting->count; i++) fill_row(waiting->rows + i, message, i, waiting->received_at);

  pthread_mutex_lock(&lock);
  *last = waiting;
  last = &waiting->next;
  pthread_cond_signal(&work);
  while (!waiting->is_done) pthread_cond_wait(&waiting->done, &lock);
  pthread_mutex_unlock(&lock);

  response->Ack = waiting->is_kept ? xsd__boolean__true_ : xsd__boolean__false_;
  for (int i = 0; i < waiting->count; i++) {
    free(waiting->rows[i].body.start);
    free(waiting->rows[i].properties.start);
  }
  pthread_cond_destroy(&waiting->done);
  free(waiting);
  (void)soap;
  return SOAP_OK;
}

static void *serve(void *given) {
  struct soap *soap = given;
  soap_serve(soap);
  soap_destroy(soap);
  soap_end(soap);
  soap_free(soap);
  return NULL;
}

int main(int count, char **args) {
  if (count != 3) return 2;
  signal(SIGPIPE, SIG_IGN);
  job_config_id = args[1];
  must(sqlite3_open(args[2], &db) == SQLITE_OK);
  sqlite3_busy_timeout(db, 10000);
  must(sqlite3_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000;"
                        " PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4000", NULL, NULL, NULL) == SQLITE_OK);
  pthread_t committer;
  pthread_create(&committer, NULL, commit_groups, NULL);

  struct soap *soap = soap_new1(SOAP_IO_KEEPALIVE | SOAP_IO_BUFFER | SOAP_C_UTFSTRING);
  soap->bind_flags = SO_REUSEADDR;
  soap->max_keep_alive = 0; /* for ever, as OBM's */
  soap->recv_timeout = 30;
  SOAP_SOCKET master = soap_bind(soap, "127.0.0.1", 0, 512);
  if (!soap_valid_socket(master)) {
    soap_print_fault(soap, stderr);
    return 1;
  }
  struct sockaddr_in address;
  socklen_t length = sizeof address;
  getsockname(master, (struct sockaddr *)&address, &length);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    SOAP_SOCKET socket = soap_accept(soap);
    if (!soap_valid_socket(socket)) continue;
    int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve, soap_copy(soap)) == 0) pthread_detach(thread);
  }
}
