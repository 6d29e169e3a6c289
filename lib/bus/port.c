/* SPDX-License-Identifier: Apache-2.0
 * The port of the real side, and its calls. */
#include "lib/bus/internal.h"

static int read_all(void *ctx, struct str topic, int64_t timeout_ms, bus_read_callback *callback,
                    void *callback_ctx, struct err *e)
{
    return bus_read_all(bus_options_of(ctx), topic, timeout_ms, callback, callback_ctx, e);
}

struct bus_port bus_port_of(struct bus *bus)
{
    return (struct bus_port){.ctx = bus, .publish = bus_publish_records, .read_all = read_all};
}

int bus_publish(const struct bus_port *port, const struct bus_record *record, struct err *e)
{
    return port->publish(port->ctx, record, NULL, 1, e);
}

int bus_publish_many(const struct bus_port *port, const struct bus_record *records, int *results,
                     size_t n, struct err *e)
{
    return port->publish(port->ctx, records, results, n, e);
}

int bus_read(const struct bus_port *port, struct str topic, int64_t timeout_ms,
             bus_read_callback *callback, void *callback_ctx, struct err *e)
{
    return port->read_all(port->ctx, topic, timeout_ms, callback, callback_ctx, e);
}
