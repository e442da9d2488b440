/* Stayput: locked memory for secrets, and processes that stay in memory.
 *
 * Link with `pkg-config --cflags --libs stayput`. stayput(3) and
 * alloc_secure_memory(3) are the man pages.
 *
 * Functions that can fail return a stayput_status, write to out-parameters on
 * success only, set errno, and keep words for the thread: stayput_last_error_text.
 * Handles are made by …_new and freed by …_free, which takes NULL. A handle or a
 * pointer that was freed before, or is none, ends the process with a message.
 *
 * Generated from the library's sources: change it there.
 */

#ifndef STAYPUT_H
#define STAYPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Bytes of a reason, its final NUL included.
 */
#define STAYPUT_REASON_SIZE 124

/**
 * No limit, or none known.
 */
#define STAYPUT_UNLIMITED UINT64_MAX

/**
 * The soft limit may be raised to the hard one where that is enough: the default.
 * Children inherit the raised limit.
 */
#define STAYPUT_RAISING_ALLOWED 0

/**
 * The soft limit stays as it is.
 */
#define STAYPUT_RAISING_FORBIDDEN 1

/**
 * For stayput_mlockall: present mappings.
 */
#define STAYPUT_MCL_CURRENT 1

/**
 * For stayput_mlockall: mappings made from now on.
 */
#define STAYPUT_MCL_FUTURE 2

/**
 * For stayput_mlockall: lock pages when they are first touched (Linux 4.4).
 */
#define STAYPUT_MCL_ONFAULT 4

/**
 * For stayput_mlock2: lock pages when they are first touched (Linux 4.4).
 */
#define STAYPUT_MLOCK_ONFAULT 1

/**
 * What a call came to. Whatever is not STAYPUT_OK has set errno and the thread's
 * last error (stayput_last_error_text), and has written to no out-parameter.
 */
enum stayput_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Done.
   */
  STAYPUT_OK = 0,
  /**
   * A pointer that may not be NULL was. errno: EINVAL.
   */
  STAYPUT_ERROR_NULL_POINTER = 1,
  /**
   * An argument has no meaning: a size of 0, an unknown flag. errno: EINVAL.
   */
  STAYPUT_ERROR_INVALID_ARGUMENT = 2,
  /**
   * This system, or this kernel, can't. errno: ENOSYS.
   */
  STAYPUT_ERROR_UNSUPPORTED = 3,
  /**
   * The limit on locked memory (RLIMIT_MEMLOCK; on Windows the working set) is
   * reached. errno: ENOMEM, or EAGAIN for secret memory.
   */
  STAYPUT_ERROR_LIMIT = 4,
  /**
   * Not permitted. For a lock: the limit is 0 without CAP_IPC_LOCK, or a seccomp
   * filter refused the call. errno: EPERM, EACCES, or what the filter says.
   */
  STAYPUT_ERROR_PERMISSION = 5,
  /**
   * The pool's own bound (max_locked) is reached. errno: ENOMEM.
   */
  STAYPUT_ERROR_POOL_LIMIT = 6,
  /**
   * The memory control group has too little room: past its limit the kernel
   * would kill. errno: ENOMEM.
   */
  STAYPUT_ERROR_MEMORY_CGROUP = 7,
  /**
   * Memory, address space or mappings (vm.max_map_count) ran out. errno: ENOMEM.
   */
  STAYPUT_ERROR_OUT_OF_MEMORY = 8,
  /**
   * Part of the range is not mapped, or inaccessible. errno: ENOMEM.
   */
  STAYPUT_ERROR_NOT_MAPPED = 9,
  /**
   * The value is exposed, which excludes what was asked for. errno: EBUSY.
   */
  STAYPUT_ERROR_BUSY = 10,
  /**
   * The value is the parent process's; this fork child has zeros. errno: EPERM.
   */
  STAYPUT_ERROR_INHERITED = 11,
  /**
   * Another error of the system: errno tells.
   */
  STAYPUT_ERROR_SYSTEM = 12,
  /**
   * A defect in this library. errno: EIO. Please report it, with the message on
   * standard error.
   */
  STAYPUT_ERROR_PANIC = 13,
  /**
   * The lock was refused, and no file took its place: the directory of
   * stayput_set_file_directory is missing, full, not writable, or in memory itself.
   * errno: the system's, or EIO.
   */
  STAYPUT_ERROR_NO_FILE = 14,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum stayput_status stayput_status;
#else
typedef int32_t stayput_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Whether a protection holds.
 */
enum stayput_answer
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * It does not: the reason says why.
   */
  STAYPUT_NO = 0,
  /**
   * It holds.
   */
  STAYPUT_YES = 1,
  /**
   * It has no meaning for this kind of memory.
   */
  STAYPUT_NOT_APPLICABLE = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum stayput_answer stayput_answer;
#else
typedef int32_t stayput_answer;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What became of a lock.
 */
enum stayput_process_outcome
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * The process is locked.
   */
  STAYPUT_PROCESS_LOCKED = 0,
  /**
   * The system refused, and the lock was not required.
   */
  STAYPUT_PROCESS_FAILED = 1,
  /**
   * The platform has no mlockall.
   */
  STAYPUT_PROCESS_UNSUPPORTED = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum stayput_process_outcome stayput_process_outcome;
#else
typedef int32_t stayput_process_outcome;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Whether CAP_IPC_LOCK lifts the limit.
 */
enum stayput_capability
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * The system has no such capability, or does not tell.
   */
  STAYPUT_CAPABILITY_UNKNOWN = 0,
  /**
   * Effective: no limit applies.
   */
  STAYPUT_CAPABILITY_EFFECTIVE = 1,
  /**
   * Effective, but in a user namespace of its own, where the kernel does not ask
   * for it.
   */
  STAYPUT_CAPABILITY_WITHOUT_EFFECT = 2,
  /**
   * Not effective.
   */
  STAYPUT_CAPABILITY_ABSENT = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum stayput_capability stayput_capability;
#else
typedef int32_t stayput_capability;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Bytes on locked pages of their own that any stray read or write faults on, unless
 * they are exposed. For few, long-lived keys: each has whole pages, and access
 * costs two system calls. It may be used by several threads. On Windows, which unlocks
 * pages that become inaccessible, locked ones stay readable and only writing is a
 * fault: stayput_guarded_protection says so.
 */
typedef struct stayput_guarded stayput_guarded;

/**
 * What locking the process did, and what to expect.
 */
typedef struct stayput_lock_report stayput_lock_report;

/**
 * A pool of locked memory. Where a function takes one, NULL stands for the
 * process-wide pool: STAYPUT_POLICY_REQUIRE, STAYPUT_BACKING_LOCKED, no bound. It
 * may be used by several threads.
 */
typedef struct stayput_pool stayput_pool;

/**
 * A lock on memory of the program's own. Locks stack: the system keeps no count, so
 * that one munlock(2) undoes every lock of a page; here each page is counted, and
 * unlocked when the last stayput_region_lock on it is freed.
 */
typedef struct stayput_region_lock stayput_region_lock;

/**
 * Bytes in a pool's locked memory; wiped when freed. It may move from thread to
 * thread, and be read by several; to change, resize or free it takes one alone.
 */
typedef struct stayput_secret stayput_secret;

/**
 * What to do where memory can't be locked: one of STAYPUT_POLICY_….
 */
typedef uint32_t stayput_policy;

/**
 * Whether one protection holds, and if not, why.
 */
typedef struct stayput_protection_status {
  /**
   * Whether it holds.
   */
  stayput_answer answer;
  /**
   * Why not: UTF-8 that ends in NUL, empty unless the answer is STAYPUT_NO.
   */
  char reason[STAYPUT_REASON_SIZE];
} stayput_protection_status;

/**
 * The protections of one value, as far as the system granted them.
 */
typedef struct stayput_protection {
  /**
   * Kept in memory: never written to swap.
   */
  struct stayput_protection_status locked;
  /**
   * Left out of core dumps that the kernel writes.
   */
  struct stayput_protection_status dump_excluded;
  /**
   * A fork child finds zeros, or nothing at all.
   */
  struct stayput_protection_status fork;
  /**
   * Inaccessible pages before and behind.
   */
  struct stayput_protection_status guarded;
  /**
   * Not mapped by the kernel itself: readers with root's rights get nothing.
   */
  struct stayput_protection_status kernel_unmapped;
  /**
   * Backed by a file on disk.
   */
  struct stayput_protection_status file_backed;
} stayput_protection;

/**
 * What kind of memory a pool hands out: one of STAYPUT_BACKING_….
 */
typedef uint32_t stayput_backing;

/**
 * What a pool is to be; all zero for the process-wide pool's settings.
 */
typedef struct stayput_pool_config {
  /**
   * What to do where memory can't be locked.
   */
  stayput_policy policy;
  /**
   * What kind of memory to hand out.
   */
  stayput_backing backing;
  /**
   * Most bytes that the pool may hold, whole pages; 0 for no bound.
   */
  size_t max_locked;
  /**
   * Room for later settings: zero.
   */
  size_t reserved[5];
} stayput_pool_config;

/**
 * A pool's state at one moment; sizes in bytes, of slots rather than requests.
 */
typedef struct stayput_pool_statistics {
  /**
   * In live allocations.
   */
  size_t used;
  /**
   * Committed, in no allocation.
   */
  size_t free;
  /**
   * Committed.
   */
  size_t total;
  /**
   * Locked.
   */
  size_t locked;
  /**
   * Live allocations.
   */
  size_t chunks_used;
  /**
   * Free slots, and free pages.
   */
  size_t chunks_free;
  /**
   * What the system refused to release or protect, in any pool, lock or guarded
   * value of this process: freeing has no other way to report it.
   */
  uint64_t errors_in_free;
} stayput_pool_statistics;

/**
 * What stayput_process_lock locks; start from stayput_process_config_default. Each
 * is false if 0, else true.
 */
typedef struct stayput_process_config {
  /**
   * Present mappings (MCL_CURRENT); true by default.
   */
  uint8_t current;
  /**
   * Mappings made from now on (MCL_FUTURE); true by default.
   */
  uint8_t future;
  /**
   * A refusal is an error; true by default.
   */
  uint8_t required;
  /**
   * Lock pages as they are touched instead of bringing all in now (MCL_ONFAULT,
   * Linux 4.4); false by default.
   */
  uint8_t onfault;
} stayput_process_config;

/**
 * What became of a lock.
 */
typedef struct stayput_process_status {
  /**
   * What became of it.
   */
  stayput_process_outcome outcome;
  /**
   * The system's error number if it failed, else 0.
   */
  int error;
  /**
   * Bytes locked right after the call (VmLck); 0 unless locked.
   */
  size_t bytes_locked;
} stayput_process_status;

/**
 * What the kernel says about every mapping of this process.
 */
typedef struct stayput_process_verification {
  /**
   * Whether nothing of this process can be in swap, or go there.
   */
  bool holds;
  /**
   * Bytes in mappings that are locked.
   */
  uint64_t locked;
  /**
   * Bytes in mappings that are not, and can be swapped.
   */
  uint64_t swappable;
} stayput_process_verification;

/**
 * Limit, locked bytes and capability of this process at one moment; in bytes.
 */
typedef struct stayput_budget {
  /**
   * Soft limit (RLIMIT_MEMLOCK), or STAYPUT_UNLIMITED.
   */
  uint64_t soft;
  /**
   * Hard limit, or STAYPUT_UNLIMITED.
   */
  uint64_t hard;
  /**
   * Locked now (VmLck); 0 where the system does not tell.
   */
  uint64_t held;
  /**
   * What may still be locked, or STAYPUT_UNLIMITED. Below the hard limit the
   * library raises the soft one where that is enough.
   */
  uint64_t available;
  /**
   * Whether the limit applies at all.
   */
  stayput_capability capability;
} stayput_budget;

/**
 * Locked, or an error that names the cause. The default.
 */
#define STAYPUT_POLICY_REQUIRE 0

/**
 * Locked where possible; otherwise handed out unlocked, and reported so.
 */
#define STAYPUT_POLICY_PREFER 1

/**
 * Not locked at all, but wiped, guarded and left out of dumps all the same.
 */
#define STAYPUT_POLICY_OFF 2

/**
 * Locked where possible; otherwise backed by a file without a name, of this user
 * alone, in the directory of stayput_set_file_directory. What is written there reaches
 * that disk, and is overwritten when it is freed, not when the process is killed:
 * for a directory on an encrypted disk, beside swap that is not. Reported
 * (file_backed: yes, locked: no). In a fork child reading it is a fault.
 */
#define STAYPUT_POLICY_FILE_BACKED 3

/**
 * Private pages, locked; zeros in a fork child. The default.
 */
#define STAYPUT_BACKING_LOCKED 0

/**
 * Pages that the kernel itself does not map (memfd_secret(2), Linux 5.14): root's
 * debuggers and /proc/PID/mem can't read them. Absent from fork children: reading
 * an inherited secret is a fault there. While any lives the system can't
 * hibernate.
 */
#define STAYPUT_BACKING_SECRET_MEM 1

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Allocates size bytes of locked memory: never written to swap, left out of core
 * dumps, zeros in a fork child, zero at first. NULL with errno where it can't be
 * had; stayput_last_error_text then says why and what to do.
 *
 * The bytes are aligned to 16 and have whole pages of their own, an inaccessible
 * page before and another behind: writing past the end, rounded up to 16, is a fault
 * at once; anything written before or behind is found when the memory is freed. Every
 * page is written, so none is shared with a parent process. There is no cap but the
 * limit on locked memory. For many small secrets stayput_secret_new needs far fewer
 * pages.
 *
 * Where locking is impossible the policy decides
 * (stayput_secure_memory_set_policy): by default that is NULL.
 *
 * errno: EINVAL for a size of 0 and for one beyond the address space; ENOMEM over
 * the limit on locked memory (RLIMIT_MEMLOCK) or for want of memory; EPERM where
 * the limit is 0 without CAP_IPC_LOCK.
 */
void *alloc_secure_memory(size_t size);

/**
 * Wipes, unlocks and unmaps what alloc_secure_memory returned. ptr may be NULL:
 * then it does nothing. errno stays as it was.
 *
 * size is the size asked for. Another size, a pointer that alloc_secure_memory did
 * not return, one freed before, and bytes written before or behind the memory end
 * the process (abort(3)) with a message on standard error.
 *
 * In a fork child, freeing what the parent allocated leaves the parent's memory as
 * it is.
 *
 * The caller promises:
 * Nobody uses the memory any more.
 */
void free_secure_memory(void *ptr, size_t size);

/**
 * Sets what alloc_secure_memory does where memory can't be locked, for the whole
 * process: one of STAYPUT_POLICY_…, by default STAYPUT_POLICY_REQUIRE: NULL. What is
 * allocated already stays as it is.
 */
stayput_status stayput_secure_memory_set_policy(stayput_policy policy);

/**
 * What protects memory that alloc_secure_memory returned. A pointer that it did not
 * return, or one freed before, ends the process.
 *
 * The caller promises:
 * Nobody frees the memory meanwhile; out has room for the report.
 */
stayput_status stayput_secure_memory_protection(const void *ptr,
                                                struct stayput_protection *out);

/**
 * A few words on a status: static text, never NULL. What happened in detail says
 * stayput_last_error_text.
 */
const char *stayput_status_text(int32_t status);

/**
 * The status of the last call that failed in this thread; STAYPUT_OK if none has.
 * A call that succeeds leaves it as it is.
 */
stayput_status stayput_last_error(void);

/**
 * The errno of the last call that failed in this thread; 0 if none has.
 */
int stayput_last_error_errno(void);

/**
 * What went wrong last in this thread, why, and what to do about it in the
 * environment that the process runs in: one line of UTF-8 to print. It names
 * sizes, never addresses or content. Empty if nothing has failed; never NULL.
 *
 * Valid until the next call fails in this thread, or the thread ends.
 */
const char *stayput_last_error_text(void);

/**
 * The cause alone: "the limit on locked memory (RLIMIT_MEMLOCK) is reached: held
 * … bytes, limit … bytes, needed … bytes more". Empty where the text says all.
 * Valid as long as stayput_last_error_text.
 */
const char *stayput_last_error_cause(void);

/**
 * The remedy alone, for the environment that the process runs in (shell, systemd,
 * container). Empty where there is none. Valid as long as stayput_last_error_text.
 */
const char *stayput_last_error_remedy(void);

/**
 * Forgets the last error of this thread.
 */
void stayput_clear_error(void);

/**
 * Names the directory for STAYPUT_POLICY_FILE_BACKED, for the whole process: of pools
 * made and memory allocated from now on. UTF-8 that ends in NUL; whether it is of any
 * use is seen when a lock is refused (STAYPUT_ERROR_NO_FILE). There is no default.
 *
 * The caller promises:
 * directory is such a string.
 */
stayput_status stayput_set_file_directory(const char *directory);

/**
 * What whoever chose STAYPUT_POLICY_FILE_BACKED should know, for a log or a person: a
 * line that names the directory. NULL if none is set.
 */
const char *stayput_file_warning(void);

/**
 * Makes size bytes of zeros in pool (NULL: the process-wide one). Fill them where
 * they lie (stayput_secret_data), for instance by read(2), so that no copy is left
 * elsewhere.
 *
 * The caller promises:
 * pool is not freed meanwhile; out has room for a pointer.
 */
stayput_status stayput_secret_new(const struct stayput_pool *pool,
                                  size_t size,
                                  struct stayput_secret **out);

/**
 * Copies size bytes from source into a new secret and wipes the source. On failure
 * the source is as it was.
 *
 * The caller promises:
 * size bytes at source may be read and written; pool is not freed meanwhile; out
 * has room for a pointer.
 */
stayput_status stayput_secret_take_from(const struct stayput_pool *pool,
                                        void *source,
                                        size_t size,
                                        struct stayput_secret **out);

/**
 * Reads a whole file into a new secret of the process-wide pool, past every buffer.
 * errno as for open(2) and read(2). path is UTF-8 that ends in NUL.
 *
 * The caller promises:
 * path is such a string; out has room for a pointer.
 */
stayput_status stayput_secret_read_file(const char *path, struct stayput_secret **out);

/**
 * The bytes, to read and write: stayput_secret_size of them, aligned to 16. NULL
 * for NULL. Valid until the secret is resized or freed. In a fork child they are
 * zeros.
 *
 * The caller promises:
 * The secret is not freed meanwhile.
 */
void *stayput_secret_data(struct stayput_secret *secret);

/**
 * The bytes, to read. As stayput_secret_data, for several threads at once.
 *
 * The caller promises:
 * The secret is not resized or freed meanwhile.
 */
const void *stayput_secret_const_data(const struct stayput_secret *secret);

/**
 * Size in bytes; 0 for NULL.
 *
 * The caller promises:
 * The secret is not freed meanwhile.
 */
size_t stayput_secret_size(const struct stayput_secret *secret);

/**
 * Changes the size: what is cut off is wiped, what is added is zero. Growing may
 * move the bytes (ask stayput_secret_data again) and wipes where they were. On
 * failure the secret is as it was.
 *
 * The caller promises:
 * Nobody else uses the secret meanwhile.
 */
stayput_status stayput_secret_resize(struct stayput_secret *secret, size_t size);

/**
 * Whether both hold the same bytes, in a time that does not depend on where they
 * differ; sizes are no secret. False where either is NULL (errno: EINVAL).
 *
 * The caller promises:
 * Neither is changed or freed meanwhile.
 */
bool stayput_secret_equal(const struct stayput_secret *left,
                          const struct stayput_secret *right);

/**
 * What protects the bytes.
 *
 * The caller promises:
 * The secret is not freed meanwhile; out has room for the report.
 */
stayput_status stayput_secret_protection(const struct stayput_secret *secret,
                                         struct stayput_protection *out);

/**
 * Wipes the bytes and gives them back to the pool; NULL is nothing. In a fork child
 * it leaves the parent's bytes as they are. A pointer that is no live stayput_secret
 * ends the process.
 *
 * The caller promises:
 * Nobody uses the secret or its bytes any more.
 */
void stayput_secret_free(struct stayput_secret *secret);

/**
 * Makes size bytes of zeros, not exposed. Where locking is impossible the policy
 * decides. errno as for alloc_secure_memory.
 *
 * The caller promises:
 * out has room for a pointer.
 */
stayput_status stayput_guarded_new(size_t size,
                                   stayput_policy policy,
                                   struct stayput_guarded **out);

/**
 * Makes the bytes readable until stayput_guarded_protect, and stores where they
 * are. Threads may expose them for reading at the same time, each with a
 * stayput_guarded_protect of its own. STAYPUT_ERROR_BUSY while they are exposed for
 * writing; STAYPUT_ERROR_INHERITED in a fork child of the process that made them.
 *
 * The caller promises:
 * The handle is not freed meanwhile; out has room for a pointer.
 */
stayput_status stayput_guarded_expose(struct stayput_guarded *guarded, const void **out);

/**
 * Makes the bytes readable and writable until stayput_guarded_protect, and stores
 * where they are. STAYPUT_ERROR_BUSY while they are exposed already;
 * STAYPUT_ERROR_INHERITED in a fork child of the process that made them.
 *
 * The caller promises:
 * The handle is not freed meanwhile; out has room for a pointer.
 */
stayput_status stayput_guarded_expose_mut(struct stayput_guarded *guarded, void **out);

/**
 * Ends one exposure; with the last one the bytes are inaccessible again, and
 * reading them is a fault. STAYPUT_ERROR_INVALID_ARGUMENT if they are not exposed.
 *
 * The caller promises:
 * The handle is not freed meanwhile; who exposed the bytes uses them no more.
 */
stayput_status stayput_guarded_protect(struct stayput_guarded *guarded);

/**
 * Size in bytes; 0 for NULL.
 *
 * The caller promises:
 * The handle is not freed meanwhile.
 */
size_t stayput_guarded_size(const struct stayput_guarded *guarded);

/**
 * What protects the bytes, whether exposed or not.
 *
 * The caller promises:
 * The handle is not freed meanwhile; out has room for the report.
 */
stayput_status stayput_guarded_protection(const struct stayput_guarded *guarded,
                                          struct stayput_protection *out);

/**
 * Wipes, unlocks and unmaps, exposed or not; NULL is nothing. A pointer that is no
 * live stayput_guarded ends the process, as do bytes written before or behind.
 *
 * The caller promises:
 * Nobody uses the handle or its bytes any more.
 */
void stayput_guarded_free(struct stayput_guarded *guarded);

/**
 * Makes a pool; NULL for config stands for all settings zero. Nothing is mapped or
 * locked yet: the first secret does.
 *
 * The caller promises:
 * config is NULL or valid; out has room for a pointer.
 */
stayput_status stayput_pool_new(const struct stayput_pool_config *config,
                                struct stayput_pool **out);

/**
 * Gives the handle up; NULL is nothing. The pool's memory goes with its last
 * secret. A pointer that is no live stayput_pool ends the process.
 *
 * The caller promises:
 * Nobody uses the handle any more.
 */
void stayput_pool_free(struct stayput_pool *pool);

/**
 * Locks ahead, so that the next size bytes of secrets need no growth. Sizes round
 * up to slots and pages, so leave some room.
 *
 * The caller promises:
 * pool is not freed meanwhile.
 */
stayput_status stayput_pool_reserve(const struct stayput_pool *pool, size_t size);

/**
 * Gives free pages back to the system and to the limit; the number of bytes.
 *
 * The caller promises:
 * pool is not freed meanwhile.
 */
size_t stayput_pool_trim(const struct stayput_pool *pool);

/**
 * What the pool holds.
 *
 * The caller promises:
 * pool is not freed meanwhile; out has room for the statistics.
 */
stayput_status stayput_pool_stats(const struct stayput_pool *pool,
                                  struct stayput_pool_statistics *out);

/**
 * Asks the kernel about every page that the pool believes locked, and stores how
 * many bytes are not, or no longer left out of dumps: somebody called munlockall(2)
 * or a raw munlock(2). 0 is good.
 *
 * The caller promises:
 * pool is not freed meanwhile; out has room for the number.
 */
stayput_status stayput_pool_verify(const struct stayput_pool *pool, size_t *out);

/**
 * Mends what stayput_pool_verify finds: locks and advises again.
 *
 * The caller promises:
 * pool is not freed meanwhile.
 */
stayput_status stayput_pool_relock(const struct stayput_pool *pool);

/**
 * Locks the pages that hold size bytes at ptr, until stayput_region_lock_free. It
 * only locks: no advice against dumps, and a fork child's copy is not locked. A
 * size of 0 locks nothing, and is fine.
 *
 * The caller promises:
 * The range stays mapped until the lock is freed; out has room for a pointer.
 */
stayput_status stayput_region_lock_new(const void *ptr,
                                       size_t size,
                                       struct stayput_region_lock **out);

/**
 * Ends the lock; the memory stays. NULL is nothing. Wipe secrets first. A pointer
 * that is no live stayput_region_lock ends the process.
 *
 * The caller promises:
 * The range is still mapped.
 */
void stayput_region_lock_free(struct stayput_region_lock *lock);

/**
 * Present and future memory, at once, required.
 */
struct stayput_process_config stayput_process_config_default(void);

/**
 * Locks the whole process (mlockall(2)) as config says (NULL: the defaults), and
 * stores what became of it (out may be NULL). For daemons that must not page; for
 * secrets alone it is the wrong tool.
 *
 * Lock after the last fork: locks are neither inherited by fork nor kept by exec.
 * With future mappings locked every later mmap, thread and heap growth counts
 * against the limit and fails past it: stayput_process_check says beforehand whether
 * it would. stayput_lock_report_new also tells warnings.
 *
 * The caller promises:
 * config is NULL or valid; out is NULL or has room for the status.
 */
stayput_status stayput_process_lock(const struct stayput_process_config *config,
                                    struct stayput_process_status *out);

/**
 * Refuses where stayput_process_lock with this config (NULL: the defaults) would
 * fail, or would leave too little room to grow. Locks nothing.
 *
 * The caller promises:
 * config is NULL or valid.
 */
stayput_status stayput_process_check(const struct stayput_process_config *config);

/**
 * Unlocks all memory of the process, whoever locked it (munlockall(2)): secrets and
 * pools too, which stayput_pool_relock mends.
 */
stayput_status stayput_process_unlock(void);

/**
 * Whether the process has any locked memory, by whatever call.
 * stayput_process_verify tells whether all of it is.
 */
bool stayput_process_is_locked(void);

/**
 * Bytes that the process has locked (VmLck); 0 where the system does not tell.
 */
size_t stayput_process_locked_bytes(void);

/**
 * Looks at every mapping of this process (VmFlags in /proc/self/smaps).
 *
 * The caller promises:
 * out has room for the verification.
 */
stayput_status stayput_process_verify(struct stayput_process_verification *out);

/**
 * As stayput_process_lock, and stores a report to be freed by
 * stayput_lock_report_free. The lock stays when the report goes.
 *
 * The caller promises:
 * config is NULL or valid; out has room for a pointer.
 */
stayput_status stayput_lock_report_new(const struct stayput_process_config *config,
                                       struct stayput_lock_report **out);

/**
 * What was done.
 *
 * The caller promises:
 * The report is not freed meanwhile; out has room for the status.
 */
stayput_status stayput_lock_report_status(const struct stayput_lock_report *report,
                                          struct stayput_process_status *out);

/**
 * All of it in words: the status, the refusal that was let pass if any, a line for
 * each warning. Valid until the report is freed; NULL for NULL.
 *
 * The caller promises:
 * The report is not freed meanwhile.
 */
const char *stayput_lock_report_text(const struct stayput_lock_report *report);

/**
 * Number of warnings: what to know although the process is locked. 0 for NULL.
 *
 * The caller promises:
 * The report is not freed meanwhile.
 */
size_t stayput_lock_report_warnings(const struct stayput_lock_report *report);

/**
 * The warning with this number, from 0; NULL beyond the last. Valid until the report
 * is freed.
 *
 * The caller promises:
 * The report is not freed meanwhile.
 */
const char *stayput_lock_report_warning(const struct stayput_lock_report *report,
                                        size_t number);

/**
 * Frees the report, not the lock; NULL is nothing. A pointer that is no live
 * stayput_lock_report ends the process.
 *
 * The caller promises:
 * Nobody uses the report or its texts any more.
 */
void stayput_lock_report_free(struct stayput_lock_report *report);

/**
 * How much this process may lock, and has locked.
 *
 * The caller promises:
 * out has room for the budget.
 */
stayput_status stayput_budget_current(struct stayput_budget *out);

/**
 * Allows or forbids raising the soft limit, for the whole process:
 * STAYPUT_RAISING_ALLOWED or STAYPUT_RAISING_FORBIDDEN.
 */
stayput_status stayput_set_raising(uint32_t raising);

/**
 * Whether the library has raised the soft limit; if so, stores its first and last
 * value (either pointer may be NULL).
 *
 * The caller promises:
 * Each pointer is NULL or has room for a number.
 */
bool stayput_raised(uint64_t *from, uint64_t *to);

/**
 * Fills memory with zeros, which no compiler leaves out. NULL is nothing.
 *
 * The caller promises:
 * size bytes at ptr may be written.
 */
void stayput_wipe(void *ptr, size_t size);

/**
 * Compares size bytes in a time that does not depend on where they differ. False
 * also where a pointer is NULL and size is not 0 (errno: EINVAL).
 *
 * The caller promises:
 * size bytes may be read at both pointers.
 */
bool stayput_equal(const void *left, const void *right, size_t size);

/**
 * mlock(2), or VirtualLock: locks the pages that hold size bytes at ptr. A size of 0
 * does nothing; one that rounds past the address space is
 * STAYPUT_ERROR_INVALID_ARGUMENT. The system keeps no count: for locks that stack,
 * and for the cause of a refusal, use stayput_region_lock_new.
 *
 * The caller promises:
 * The range is mapped, the caller's, and not unmapped meanwhile. Whole pages are
 * locked: neighbours on them too.
 */
stayput_status stayput_mlock(const void *ptr, size_t size);

/**
 * mlock2(2): as stayput_mlock, with flags: 0 or STAYPUT_MLOCK_ONFAULT.
 * STAYPUT_ERROR_UNSUPPORTED off Linux.
 *
 * The caller promises:
 * As for stayput_mlock.
 */
stayput_status stayput_mlock2(const void *ptr, size_t size, uint32_t flags);

/**
 * munlock(2), or VirtualUnlock: unlocks the pages that hold size bytes at ptr,
 * whoever locked them.
 *
 * The caller promises:
 * As for stayput_mlock; and nothing else relies on a lock of these pages. Wipe
 * secrets first.
 */
stayput_status stayput_munlock(const void *ptr, size_t size);

/**
 * madvise(2) with MADV_DONTDUMP (FreeBSD: MADV_NOCORE): leaves the pages that hold
 * size bytes at ptr out of core dumps. STAYPUT_ERROR_UNSUPPORTED elsewhere.
 *
 * The caller promises:
 * The range is mapped, the caller's, and not unmapped meanwhile.
 */
stayput_status stayput_madvise_dontdump(void *ptr, size_t size);

/**
 * mlockall(2), with STAYPUT_MCL_… flags. stayput_process_lock foresees what comes of
 * it, and tells the cause of a refusal.
 */
stayput_status stayput_mlockall(uint32_t flags);

/**
 * munlockall(2): undoes the locks of everybody in the process, those of secrets
 * and pools too (stayput_pool_relock mends that).
 */
stayput_status stayput_munlockall(void);

/**
 * Keeps this process and its children from writing core files: sets the soft
 * RLIMIT_CORE to 0 (setrlimit(2)). A core_pattern that is a pipe ignores the limit
 * (core(5)). STAYPUT_ERROR_UNSUPPORTED where there is no such limit.
 */
stayput_status stayput_disable_core_dumps(void);

/**
 * Size of the system's pages in bytes.
 */
size_t stayput_page_size(void);

/**
 * The library's version, "0.1.0": static text.
 */
const char *stayput_version(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* STAYPUT_H */
