# jackdaw.m4 - the questions that configure.ac asks more than once.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

# JACKDAW_NEED(VARIABLE, PKG-CONFIG MODULE [VERSION], WHAT FOR, DEBIAN PACKAGE)
# Sets VARIABLE_CFLAGS and VARIABLE_LIBS, or notes what is missing; JACKDAW_MISSING_END tells all of it at once.
AC_DEFUN([JACKDAW_NEED], [
	PKG_CHECK_MODULES([$1], [$2], [],
		[jackdaw_missing="$jackdaw_missing
  $2 ($3): install the Debian package $4."])
])

# JACKDAW_MISSING_END: stop if any JACKDAW_NEED found nothing.
AC_DEFUN([JACKDAW_MISSING_END], [
	AS_IF([test -n "$jackdaw_missing"],
		[AC_MSG_ERROR([these libraries are missing:$jackdaw_missing
"./bootstrap deps" installs all of them on Debian.])])
])

# JACKDAW_TRY_FLAG(VARIABLE, FLAG, AC_COMPILE_IFELSE or AC_LINK_IFELSE): append FLAG to VARIABLE if it works.
AC_DEFUN([JACKDAW_TRY_FLAG], [
	AS_VAR_PUSHDEF([answer], [jackdaw_cv_$1_$2])
	AC_CACHE_CHECK([whether $2 works], [answer], [
		jackdaw_saved=$CFLAGS
		CFLAGS="$CFLAGS -Werror $2"
		$3([AC_LANG_PROGRAM([[#include <stdlib.h>]])],
			[AS_VAR_SET([answer], [yes])], [AS_VAR_SET([answer], [no])])
		CFLAGS=$jackdaw_saved
	])
	AS_VAR_IF([answer], [yes], [$1="$$1 $2"])
	AS_VAR_POPDEF([answer])
])

# JACKDAW_CFLAGS(VARIABLE, FLAGS): append to VARIABLE each flag that the compiler takes.
AC_DEFUN([JACKDAW_CFLAGS], [
	m4_foreach_w([jackdaw_flag], [$2], [JACKDAW_TRY_FLAG([$1], m4_defn([jackdaw_flag]), [AC_COMPILE_IFELSE])])
])

# JACKDAW_LDFLAGS(VARIABLE, FLAGS): append to VARIABLE each flag that the linker takes.  A flag with commas is one flag.
AC_DEFUN([JACKDAW_LDFLAGS], [
	m4_foreach_w([jackdaw_flag], [$2], [JACKDAW_TRY_FLAG([$1], m4_defn([jackdaw_flag]), [AC_LINK_IFELSE])])
])
