// The load of the bench: many WebSocket clients in one thread, which busy-polls so that it is never what a server
// waits for. It is C because a client in JavaScript costs more than the server it measures. It frames and masks its
// message once, and reads of an answer no more than its header; what an answer says is verified before, by
// verify.js. It is one file of chapters (options, socket, frames, handshake, answers, modes, figures) so that
// `cc -O2 load.c` is its whole build.
//
// It tells one line of JSON. Anything unexpected (a refused handshake, a close, an answer too many, too few or of
// another length, five seconds without an answer) is one line on stderr and exit code 1: a figure with errors in it
// is no figure.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum mode { ECHO, FAN, CONNECT, IDLE, RATE };
static const char *const mode_names[] = {"echo", "fan", "connect", "idle", "rate"};

static struct {
  enum mode mode;
  int ports[8], port_count; // of 127.0.0.1, unless there is a `unix` path; connections take them in turn
  const char *unix_path;
  const char *path;    // of the request
  const char *message; // the text that is sent over and over
  const char *first;   // a file with frames, ready-made, that each connection sends once before all else
  bool socketio;       // speak first as Engine.IO and Socket.IO want it
  bool deflate;        // offer permessage-deflate, and insist on it
  bool block;          // sleep in epoll: for a machine whose one core the server needs too
  int connections;
  int window;          // echo: messages in flight per connection; fan: broadcasts in flight
  int at_once;         // handshakes at once
  double rate;         // messages per second, over all connections
  double warm, seconds;
  pid_t pids[8];       // of the servers whose CPU clocks are read, and added up
  int pid_count;
} opt = {.path = "/", .message = "", .connections = 100, .window = 1, .at_once = 32, .warm = 1, .seconds = 2};

enum stage { CONNECTING, UPGRADING, ENGINE_OPEN, SOCKET_OPEN, FIRST_ANSWER, READY, CLOSING };

/** A frame that is being read: its header, and how much of its payload is still to come. */
struct frame {
  uint8_t header[10];
  int have;
  uint64_t length, left;
  uint8_t first_byte;
};

/** When messages were due whose answers are outstanding. The protocol answers in order, so the oldest is at `head`. */
struct due {
  int64_t at[4096];
  uint32_t head, tail;
};

struct connection {
  int fd;
  enum stage stage;
  struct frame in;
  char head[2048]; // of the server's answer to the handshake, as far as it has come
  int head_length;
  bool told_close; // the server has answered our close frame
  int owed;        // echo: answered messages that are to be replaced
  uint64_t sent, received;
  struct due *due; // rate only
};

static struct {
  int epoll;
  struct connection *all;
  int started, ready;
  bool running; // answers count
  bool sending; // and are replaced by the next message
  uint64_t messages, bytes, compressed, broadcasts;
  uint64_t answer_length; // of the first, and so of all
  char first_answer[200];
  int first_length;
  uint8_t *frames; // `window` times the message, framed and masked
  int frame_length;
  uint8_t *first_frames;
  int first_frames_length;
  int64_t last_answer;
  int64_t idle; // time in which there was nothing to do: what is left of it says whether the load held the server up
  float *latencies, *lags; // microseconds
  uint64_t latency_count, latency_room, lag_count;
  int64_t measured_from, measured_to;
} load;

static void fail(const char *format, ...) {
  va_list values;
  va_start(values, format);
  fprintf(stderr, "load: ");
  vfprintf(stderr, format, values);
  fprintf(stderr, "\n");
  exit(1);
}

static int64_t clock_now(clockid_t clock) {
  struct timespec time;
  if (clock_gettime(clock, &time)) fail("a clock cannot be read: %s", strerror(errno));
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int64_t now(void) { return clock_now(CLOCK_MONOTONIC); }

// --- options -------------------------------------------------------------------------------------------------------

static void add(int *list, int *count, const char *name, const char *value) {
  if (*count == 8) fail("%s is given more than 8 times", name);
  list[(*count)++] = atoi(value);
}

static void set_option(const char *name, const char *value) {
  if (!strcmp(name, "--port")) add(opt.ports, &opt.port_count, name, value);
  else if (!strcmp(name, "--unix")) opt.unix_path = value;
  else if (!strcmp(name, "--path")) opt.path = value;
  else if (!strcmp(name, "--message")) opt.message = value;
  else if (!strcmp(name, "--first")) opt.first = value;
  else if (!strcmp(name, "--connections")) opt.connections = atoi(value);
  else if (!strcmp(name, "--window")) opt.window = atoi(value);
  else if (!strcmp(name, "--at-once")) opt.at_once = atoi(value);
  else if (!strcmp(name, "--rate")) opt.rate = atof(value);
  else if (!strcmp(name, "--warm")) opt.warm = atof(value);
  else if (!strcmp(name, "--seconds")) opt.seconds = atof(value);
  else if (!strcmp(name, "--pid")) add(opt.pids, &opt.pid_count, name, value);
  else fail("unknown option %s", name);
}

static bool set_flag(const char *name) {
  if (!strcmp(name, "--socketio")) return opt.socketio = true;
  if (!strcmp(name, "--deflate")) return opt.deflate = true;
  if (!strcmp(name, "--block")) return opt.block = true;
  return false;
}

static void read_options(int count, char **words) {
  int mode = 0;
  while (mode <= RATE && (count < 2 || strcmp(words[1], mode_names[mode]))) mode += 1;
  if (mode > RATE) fail("use: load echo|fan|connect|idle|rate --port n | --unix path ... (see read_options)");
  opt.mode = mode;
  for (int i = 2; i < count; i += 1) {
    if (set_flag(words[i])) continue;
    if (i + 1 == count) fail("%s wants a value", words[i]);
    set_option(words[i], words[i + 1]);
    i += 1;
  }
  if (opt.connections < 1 || opt.window < 1 || opt.at_once < 1) fail("nothing to do");
  if (opt.mode == RATE && opt.rate <= 0) fail("rate wants --rate");
  if (opt.mode == CONNECT) opt.connections = opt.at_once;
}

// --- frames that go out ----------------------------------------------------------------------------------------------

/** Writes a final, masked frame and returns its length. One mask for all: servers cannot tell, and unmask as ever. */
static int write_frame(uint8_t *out, int opcode, const void *payload, size_t length) {
  static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
  int at = 0;
  out[at++] = 0x80 | opcode;
  if (length < 126) out[at++] = 0x80 | length;
  else if (length < 65536) {
    out[at++] = 0x80 | 126;
    out[at++] = length >> 8;
    out[at++] = length;
  } else fail("a message of 64 kB or more");
  memcpy(out + at, mask, 4);
  at += 4;
  for (size_t i = 0; i < length; i += 1) out[at + i] = ((const uint8_t *)payload)[i] ^ mask[i & 3];
  return at + length;
}

static void send_all(struct connection *c, const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t taken = send(c->fd, bytes, length, MSG_NOSIGNAL);
    if (taken < 0 && errno != EAGAIN) fail("a connection cannot be written to: %s", strerror(errno));
    if (taken < 0) {
      struct pollfd writable = {.fd = c->fd, .events = POLLOUT};
      if (poll(&writable, 1, 5000) == 0) fail("the server has read nothing for 5 seconds");
      continue;
    }
    bytes += taken;
    length -= taken;
  }
}

static void send_control(struct connection *c, int opcode, const char *payload, size_t length) {
  uint8_t frame[140];
  send_all(c, frame, write_frame(frame, opcode, payload, length));
}

static void send_text(struct connection *c, const char *text) { send_control(c, 1, text, strlen(text)); }

static void send_messages(struct connection *c, int count) {
  c->sent += count;
  send_all(c, load.frames, (size_t)load.frame_length * count);
}

static void frame_message(void) {
  size_t length = strlen(opt.message);
  load.frames = malloc((length + 14) * opt.window);
  for (int i = 0; i < opt.window; i += 1)
    load.frame_length = write_frame(load.frames + (size_t)i * load.frame_length, 1, opt.message, length);
}

static void read_first_frames(void) {
  FILE *file = fopen(opt.first, "rb");
  if (!file) fail("%s: %s", opt.first, strerror(errno));
  load.first_frames = malloc(65536);
  load.first_frames_length = fread(load.first_frames, 1, 65536, file);
  fclose(file);
}

// --- socket ----------------------------------------------------------------------------------------------------------

static int open_unix(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, opt.unix_path, sizeof address.sun_path - 1);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  // Waits where the server's backlog is full, which a non-blocking socket would be refused for.
  if (fd < 0 || connect(fd, (void *)&address, sizeof address)) fail("%s: %s", opt.unix_path, strerror(errno));
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

static int port_of(const struct connection *c) {
  return opt.port_count ? opt.ports[(c - load.all) % opt.port_count] : 0;
}

static int open_tcp(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  if (fd < 0) fail("a socket: %s", strerror(errno));
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd, (void *)&address, sizeof address) && errno != EINPROGRESS)
    fail("port %d: %s", port, strerror(errno));
  return fd;
}

static void watch(struct connection *c, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = c};
  if (epoll_ctl(load.epoll, operation, c->fd, &event)) fail("epoll: %s", strerror(errno));
}

static void open_connection(struct connection *c) {
  struct due *due = c->due;
  memset(c, 0, sizeof *c);
  c->due = due;
  c->fd = opt.unix_path ? open_unix() : open_tcp(port_of(c));
  c->stage = CONNECTING;
  watch(c, EPOLL_CTL_ADD, EPOLLOUT);
}

// --- handshake -------------------------------------------------------------------------------------------------------

static void send_upgrade(struct connection *c) {
  char request[2048];
  int length = snprintf(request, sizeof request,
    "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n",
    opt.path, port_of(c),
    opt.deflate ? "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n" : "");
  send_all(c, (uint8_t *)request, length);
  watch(c, EPOLL_CTL_MOD, EPOLLIN);
  c->stage = UPGRADING;
}

static void on_ready(struct connection *c) {
  c->stage = READY;
  load.ready += 1;
  if (opt.mode != CONNECT) return;
  send_control(c, 8, "\x03\xe8", 2); // 1000
  c->stage = CLOSING;
}

static void on_open(struct connection *c) {
  if (!load.first_frames) return on_ready(c);
  send_all(c, load.first_frames, load.first_frames_length);
  c->stage = FIRST_ANSWER;
}

/** Takes the head of the server's answer; returns how many of the bytes were of it. */
static int read_upgrade(struct connection *c, const uint8_t *bytes, int length) {
  int room = sizeof c->head - 1 - c->head_length, before = c->head_length;
  int take = length < room ? length : room;
  memcpy(c->head + before, bytes, take);
  c->head_length += take;
  c->head[c->head_length] = 0;
  char *end = strstr(c->head, "\r\n\r\n");
  if (!end && c->head_length == sizeof c->head - 1) fail("an endless answer to the handshake");
  if (!end) return length;
  end[2] = 0;
  // The accept value that RFC 6455 gives for the key of its own example, which is the one we send.
  if (strncmp(c->head, "HTTP/1.1 101", 12) || !strstr(c->head, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
    fail("a handshake was refused: %.300s", c->head);
  if (!strstr(c->head, "permessage-deflate") == opt.deflate)
    fail("compression was %s", opt.deflate ? "refused" : "not asked for");
  if (opt.socketio) c->stage = ENGINE_OPEN;
  else on_open(c);
  return end + 4 - c->head - before;
}

// --- answers ---------------------------------------------------------------------------------------------------------

static void record_latency(struct connection *c) {
  struct due *due = c->due;
  if (due->head == due->tail) fail("an answer too many");
  int64_t sent_at = due->at[due->head++ % 4096];
  if (sent_at < load.measured_from || sent_at >= load.measured_to) return;
  if (load.latency_count == load.latency_room) fail("more messages than the rate allows");
  load.latencies[load.latency_count++] = (now() - sent_at) / 1e3;
}

static void on_answer(struct connection *c) {
  bool compressed = c->in.header[0] & 0x40;
  if (c->stage == FIRST_ANSWER) {
    if (opt.deflate && !compressed) fail("the first answer was not compressed");
    return on_ready(c);
  }
  if (!load.running) return; // what a server says by itself at the start
  if (!load.answer_length) load.answer_length = c->in.length;
  // Compressed with a context, one message is shorter the second time.
  if (!compressed && c->in.length != load.answer_length)
    fail("an answer of %lu bytes after those of %lu", c->in.length, load.answer_length);
  c->received += 1;
  load.messages += 1;
  load.compressed += compressed;
  if (opt.mode == RATE) record_latency(c);
  if (opt.mode == ECHO) c->owed += 1;
}

static void on_frame(struct connection *c) {
  int opcode = c->in.header[0] & 15;
  if (!(c->in.header[0] & 0x80)) fail("a fragmented message, which no server here has reason to send");
  if (opcode == 9) return send_control(c, 10, "", 0);
  if (opcode == 10) return;
  if (opcode == 8 && c->stage != CLOSING) fail("the server closed a connection");
  if (opcode == 8) c->told_close = true;
  if (c->stage == ENGINE_OPEN) {
    send_text(c, "40");
    c->stage = SOCKET_OPEN;
  } else if (c->stage == SOCKET_OPEN) on_open(c);
  else if (opt.socketio && c->in.length == 1 && c->in.first_byte == '2') send_text(c, "3");
  else if (c->stage == READY || c->stage == FIRST_ANSWER) on_answer(c);
}

static int header_length(const struct frame *in) {
  if (in->have < 2) return 2;
  int kind = in->header[1] & 127;
  return kind == 126 ? 4 : kind == 127 ? 10 : 2;
}

static uint64_t payload_length(const struct frame *in) {
  int bytes = header_length(in);
  if (bytes == 2) return in->header[1] & 127;
  uint64_t length = 0;
  for (int i = 2; i < bytes; i += 1) length = length << 8 | in->header[i];
  return length;
}

static void keep_first_answer(struct connection *c, const uint8_t *bytes, uint64_t length) {
  if (load.first_length || !load.running || c->stage != READY || length < 2) return;
  load.first_length = length < sizeof load.first_answer ? length : sizeof load.first_answer;
  memcpy(load.first_answer, bytes, load.first_length);
}

static void read_frames(struct connection *c, const uint8_t *bytes, uint64_t length) {
  struct frame *in = &c->in;
  while (length > 0) {
    if (in->have < header_length(in)) {
      in->header[in->have++] = *bytes++;
      length -= 1;
      if (in->have < header_length(in)) continue;
      in->length = in->left = payload_length(in);
    } else {
      if (in->left == in->length) {
        in->first_byte = bytes[0];
        keep_first_answer(c, bytes, length < in->length ? length : in->length);
      }
      uint64_t part = length < in->left ? length : in->left;
      bytes += part;
      length -= part;
      in->left -= part;
    }
    if (in->left > 0) continue;
    on_frame(c);
    in->have = 0;
  }
}

// --- modes -----------------------------------------------------------------------------------------------------------

static void on_end(struct connection *c) {
  if (c->stage != CLOSING) fail("the server ended a connection");
  if (!c->told_close) fail("the server ended a connection without a close frame");
  close(c->fd);
  load.messages += load.running;
  load.last_answer = now();
  open_connection(c);
}

static void on_readable(struct connection *c) {
  static uint8_t buffer[1 << 18];
  ssize_t length = recv(c->fd, buffer, sizeof buffer, 0);
  if (length < 0 && errno == EAGAIN) return;
  if (length < 0 && !(c->stage == CLOSING && c->told_close)) fail("a connection broke: %s", strerror(errno));
  if (length <= 0) return on_end(c);
  load.bytes += length;
  load.last_answer = now();
  int used = c->stage == UPGRADING ? read_upgrade(c, buffer, length) : 0;
  read_frames(c, buffer + used, length - used);
  if (c->owed && load.sending) send_messages(c, c->owed);
  c->owed = 0;
}

static void turn(int timeout_ms) {
  struct epoll_event events[512];
  int64_t begun = now();
  int count = epoll_wait(load.epoll, events, 512, timeout_ms);
  if (count == 0 || opt.block) load.idle += now() - begun;
  for (int i = 0; i < count; i += 1) {
    struct connection *c = events[i].data.ptr;
    if (c->stage != CONNECTING) on_readable(c);
    else if (events[i].events & (EPOLLERR | EPOLLHUP)) fail("a connection was refused");
    else send_upgrade(c);
  }
  if (load.running && now() - load.last_answer > 5000000000LL) fail("no answer for 5 seconds");
}

static void open_all(void) {
  int64_t begun = now();
  while (load.ready < opt.connections) {
    while (load.started < opt.connections && load.started - load.ready < opt.at_once)
      open_connection(&load.all[load.started++]);
    turn(1);
    if (now() - begun > 60000000000LL) fail("only %d of %d connections within a minute", load.ready, opt.connections);
  }
}

/** A server may still be joining rooms, or greeting. */
static void settle(void) {
  int64_t end = now() + 300000000;
  while (now() < end) turn(1);
}

/** A new broadcast for each that has reached everybody. */
static void send_broadcasts(void) {
  int count = opt.window + load.messages / opt.connections - load.broadcasts;
  if (count <= 0) return;
  load.broadcasts += count;
  send_messages(&load.all[0], count);
}

/**
 * Sends what is due. What an answer is late by counts from when its message was due, not from when it was sent: a server
 * that stalls is not spared the messages that would have come meanwhile.
 */
static void send_due(int64_t begun) {
  static uint64_t next;
  for (int64_t time = now(); begun + (int64_t)(next * 1e9 / opt.rate) <= time; next += 1) {
    int64_t due_at = begun + (int64_t)(next * 1e9 / opt.rate);
    struct connection *c = &load.all[next % opt.connections];
    if (c->due->tail - c->due->head == 4096) fail("the server cannot keep up with this rate");
    c->due->at[c->due->tail++ % 4096] = due_at;
    send_messages(c, 1);
    if (due_at >= load.measured_from) load.lags[load.lag_count++] = (now() - due_at) / 1e3;
  }
}

static void start_sending(void) {
  load.running = load.sending = true;
  load.last_answer = now();
  for (int i = 0; i < opt.connections && opt.mode == ECHO; i += 1) send_messages(&load.all[i], opt.window);
}

static void run_until(int64_t end, int64_t begun) {
  while (now() < end) {
    if (opt.mode == FAN) send_broadcasts();
    if (opt.mode == RATE) send_due(begun);
    turn(opt.block ? 1 : 0);
  }
}

/** Every message that was sent is answered, once. */
static void settle_accounts(void) {
  uint64_t expected = 0;
  load.sending = false;
  for (int i = 0; i < opt.connections; i += 1) expected += opt.mode == FAN ? load.broadcasts : load.all[i].sent;
  while (load.messages < expected) turn(1);
  turn(50);
  for (int i = 0; i < opt.connections; i += 1) {
    struct connection *c = &load.all[i];
    uint64_t due = opt.mode == FAN ? load.broadcasts : c->sent;
    if (c->received != due) fail("connection %d has %lu answers for %lu messages", i, c->received, due);
  }
}

/** Holds the connections, and answers pings, until stdin closes. */
static void hold(void) {
  printf("{\"ready\":%d}\n", load.ready);
  fflush(stdout);
  struct pollfd either[2] = {{.fd = 0, .events = POLLIN}, {.fd = load.epoll, .events = POLLIN}};
  while (poll(either, 2, -1) >= 0 && !either[0].revents) turn(0);
}

// --- figures ---------------------------------------------------------------------------------------------------------

static int ascending(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

static double quantile(const float *sorted, uint64_t count, double share) {
  if (!count) return 0;
  uint64_t at = share * count;
  return sorted[at < count ? at : count - 1];
}

static void print_latencies(void) {
  float *of = load.latencies;
  qsort(of, load.latency_count, sizeof *of, ascending);
  qsort(load.lags, load.lag_count, sizeof *of, ascending);
  printf(",\"p50\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"max\":%.1f,\"lag99\":%.1f", quantile(of, load.latency_count, 0.5),
    quantile(of, load.latency_count, 0.99), quantile(of, load.latency_count, 0.999),
    quantile(of, load.latency_count, 1), quantile(load.lags, load.lag_count, 0.99));
}

static void print_first_answer(void) {
  printf(",\"first\":\"");
  for (int i = 0; i < load.first_length; i += 1) {
    uint8_t byte = load.first_answer[i];
    if (byte < 32 || byte > 126) printf("\\u%04x", byte);
    else printf(byte == '"' || byte == '\\' ? "\\%c" : "%c", byte);
  }
  printf("\"");
}

struct figures {
  int64_t time, server_cpu, each_cpu[8], load_cpu, idle;
  uint64_t messages, bytes, compressed;
};

static struct figures take_figures(void) {
  struct figures taken = {.time = now(), .load_cpu = clock_now(CLOCK_PROCESS_CPUTIME_ID)};
  for (int i = 0; i < opt.pid_count; i += 1) {
    clockid_t server;
    if (clock_getcpuclockid(opt.pids[i], &server)) fail("there is no process %d", opt.pids[i]);
    taken.each_cpu[i] = clock_now(server);
    taken.server_cpu += taken.each_cpu[i];
  }
  taken.idle = load.idle;
  taken.messages = load.messages;
  taken.bytes = load.bytes;
  taken.compressed = load.compressed;
  return taken;
}

static void print_figures(struct figures from, struct figures to) {
  uint64_t messages = to.messages - from.messages;
  double time = to.time - from.time, server = to.server_cpu - from.server_cpu;
  if (!messages) fail("nothing was answered");
  printf("{\"mode\":\"%s\",\"messages\":%lu,\"seconds\":%.3f,\"perSecond\":%.0f,\"serverMicros\":%.4f", mode_names[opt.mode],
    messages, time / 1e9, messages / time * 1e9, server / 1e3 / messages);
  printf(",\"serverShare\":%.3f,\"loadShare\":%.3f,\"loadBusy\":%.3f,\"bytes\":%lu,\"compressed\":%lu", server / time,
    (to.load_cpu - from.load_cpu) / time, 1 - (to.idle - from.idle) / time, to.bytes - from.bytes, to.compressed - from.compressed);
  printf(",\"eachMicros\":[");
  for (int i = 0; i < opt.pid_count; i += 1)
    printf("%s%.4f", i ? "," : "", (to.each_cpu[i] - from.each_cpu[i]) / 1e3 / messages);
  printf("]");
  if (opt.mode == RATE) print_latencies();
  print_first_answer();
  printf("}\n");
}

static void prepare(void) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  load.epoll = epoll_create1(0);
  load.all = calloc(opt.connections, sizeof *load.all);
  frame_message();
  if (opt.first) read_first_frames();
  if (opt.mode != RATE) return;
  load.latency_room = opt.rate * (opt.seconds + 1) + 1000;
  load.latencies = calloc(load.latency_room, sizeof *load.latencies);
  load.lags = calloc(load.latency_room, sizeof *load.lags);
  for (int i = 0; i < opt.connections; i += 1) load.all[i].due = calloc(1, sizeof(struct due));
}

int main(int count, char **words) {
  read_options(count, words);
  prepare();
  if (opt.mode != CONNECT) open_all();
  else while (load.started < opt.connections) open_connection(&load.all[load.started++]);
  if (opt.mode == IDLE) {
    hold();
    return 0;
  }
  if (opt.mode != CONNECT) settle();
  int64_t begun = now();
  load.measured_from = begun + opt.warm * 1e9;
  load.measured_to = load.measured_from + opt.seconds * 1e9;
  start_sending();
  run_until(load.measured_from, begun);
  struct figures from = take_figures();
  run_until(load.measured_to, begun);
  struct figures to = take_figures();
  if (opt.mode != CONNECT) settle_accounts();
  print_figures(from, to);
}
