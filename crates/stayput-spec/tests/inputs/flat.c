#include <linux/demo.h>

/**
 * ordinary - a comment that specifies nothing
 * @x: a number
 *
 * error: is only a word here
 */
int ordinary(int x);

/**
 * sys_flat - Flatten something
 * @start: Where the
 *   range starts
 * @len: Its length
 *
 * long-desc: Flattens the range, which
 *   takes two lines to say. It is
 *   - flattened once
 *   - never lifted
 *   again.
 * context-flags: KAPI_CTX_PROCESS | KAPI_CTX_SLEEPABLE
 * param-type: start, KAPI_TYPE_UINT
 * param-flags: start, KAPI_PARAM_IN
 * param-constraint-type: start, KAPI_CONSTRAINT_NONE
 * param-type: len, KAPI_TYPE_UINT
 * param-constraint-type: len, KAPI_CONSTRAINT_RANGE
 * param-range: len, 0, LONG_MAX
 * param-constraint: start, Any, within reason
 *   and: no further
 * error-count: 2
 * return-type: KAPI_TYPE_INT
 * return-check-type: KAPI_RETURN_ERROR_CHECK
 * return-success: 0
 * error-code: -ENOMEM, ENOMEM, No range,
 *   There is none, at all,
 *   anywhere.
 * error-code: -EINTR, EINTR, Interrupted, By a signal.
 * since-version: 9.8
 * lock: flat_lock, KAPI_LOCK_RWLOCK
 * lock-acquired: true
 * lock-released: true
 * lock-desc: Taken and given back
 * signal: FATAL
 * signal-direction: KAPI_SIGNAL_RECEIVE
 * signal-action: KAPI_SIGNAL_ACTION_RETURN
 * signal-condition: Pending
 * signal-desc: Interrupts: at two points,
 *   and no others.
 * signal-error: -EINTR
 * signal-timing: KAPI_SIGNAL_TIME_DURING
 * signal-priority: 0
 * signal-interruptible: yes
 * signal-state-req: KAPI_SIGNAL_STATE_RUNNING
 * examples: flat(a, 1);  // one
 *   flat(a, 2);  // two
 * notes: The first paragraph
 *   goes on.
 *
 *   The second paragraph.
 * side-effect: KAPI_EFFECT_MODIFY_STATE | KAPI_EFFECT_ALLOC_MEMORY, memory, Flattens, and keeps flat, condition=Not flat yet, reversible=yes
 * state-trans: memory, hilly, flat, Is flattened, all of it
 * capability: CAP_IPC_LOCK, KAPI_CAP_BYPASS_CHECK, The capability
 * capability-allows: Everything
 * capability-without: Little
 * capability-condition: Checked late
 * capability-priority: 0
 * constraint: Gravity, What goes up, must come down
 * constraint-expr: Gravity, up <= down
 *
 * Context: Process context. May sleep.
 */
SYSCALL_DEFINE2(flat, unsigned long, start, size_t, len)
{
	return 0;
}
