/* A file of the lowest layer that looks up, and bears no licence. */
#include "xml/node.h"

#include <uv.h>

const char a_line_that_does_not_fit_beside_another_file[] = "a line that does not fit beside another file";

int upward(const char *text);
int upward(const char *text)
{
	return atoi(text); /* TODO: an error looks like nought */
}
