/* What the calls of Data Flow share: the base of their URLs and the policy that would allow them. */
#ifndef OCI_DATAFLOW_CALL_H
#define OCI_DATAFLOW_CALL_H

#include "oci/call.h"

#define dataflow_call(oci, method, ...)                                            \
	call_policy(call_new((oci), (method), oci_dataflow_url(oci), __VA_ARGS__), \
		"manage dataflow-family in compartment <compartment>")

#endif
