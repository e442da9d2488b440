/* Says of mlock2 what the kernel doesn't do, and little else. */
DEFINE_KERNEL_API_SPEC(sys_mlock2)
	KAPI_DESCRIPTION("Lock memory")
	KAPI_CONTEXT(KAPI_CTX_PROCESS)

	KAPI_PARAM(0, "start", "unsigned long", "Where")
		KAPI_PARAM_CONSTRAINT_TYPE(KAPI_CONSTRAINT_ALIGNMENT)
		KAPI_PARAM_ALIGNMENT(PAGE_SIZE)
	KAPI_PARAM_END

	KAPI_PARAM(1, "len", "size_t", "How much")
		KAPI_PARAM_CONSTRAINT_TYPE(KAPI_CONSTRAINT_RANGE)
		KAPI_PARAM_RANGE(1, LONG_MAX)
		KAPI_PARAM_CONSTRAINT("Rounded up to a page")
	KAPI_PARAM_END

	KAPI_PARAM(2, "flags", "int", "How")
		KAPI_PARAM_VALID_MASK(MLOCK_ONFAULT | 2)
	KAPI_PARAM_END

	KAPI_RETURN("long", "0, or less")
		KAPI_RETURN_TYPE(KAPI_TYPE_INT)
		KAPI_RETURN_CHECK_TYPE(KAPI_RETURN_EXACT)
		KAPI_RETURN_SUCCESS(0)
	KAPI_RETURN_END

	KAPI_ERROR(0, -EFAULT, "EFAULT", "Bad address", "The range is outside user space.")
	KAPI_ERROR(1, -EPERM, "EPERM", "No privilege", "The lock would exceed the limit RLIMIT_MEMLOCK.")

	KAPI_SIGNAL(0, 0, "FATAL_SIGNALS", KAPI_SIGNAL_RECEIVE, KAPI_SIGNAL_ACTION_RESTART)
	KAPI_SIGNAL_END

	KAPI_SIGNAL(1, SIGALRM, "SIGALRM", KAPI_SIGNAL_RECEIVE, KAPI_SIGNAL_ACTION_RETURN)
		KAPI_SIGNAL_DESC("Interrupts the call with EINTR")
	KAPI_SIGNAL_END

	KAPI_SIGNAL(2, SIGBUS, "SIGBUS", KAPI_SIGNAL_SEND, KAPI_SIGNAL_ACTION_DEFAULT)
		KAPI_SIGNAL_CONDITION("A page can't be brought in")
	KAPI_SIGNAL_END

	KAPI_NOTES("If the call fails, some pages may stay locked.")
KAPI_END_SPEC;

/**
 * sys_munlock - Unlock memory
 * @start: Where
 * @len: How much
 *
 * context-flags: KAPI_CTX_PROCESS
 *
 * param: len
 *   range: 1, LONG_MAX
 *   constraint: Rounded up to a page
 *
 * error: EPERM, No privilege
 *   desc: The caller may not unlock.
 */
SYSCALL_DEFINE2(munlock, unsigned long, start, size_t, len)
