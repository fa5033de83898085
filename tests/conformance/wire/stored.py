# How many messages are stored for an account whose owner is away (XEP-0013).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from . import names
from .client import Unexpected

NODE = "http://jabber.org/protocol/offline"
FORM = "jabber:x:data"
COUNT = "<query xmlns='%s' node='%s'/>" % (names.DISCO_INFO, NODE)


def count_stored(client):
    """XEP-0013 §2.2; the session that asks gets none of them unasked, nor does any other as long as it lasts."""
    answer = client.ask(COUNT)
    query = answer.find("query", names.DISCO_INFO)
    form = query and query.find("x", FORM)
    for field in form.all("field") if form else ():
        if field.get("var") == "number_of_messages":
            return int(field.find("value").text)
    raise Unexpected("no number of messages in %s" % answer)
