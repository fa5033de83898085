/*
 * gloox.cpp - gloox with its defaults.  See peer.py for what a client program reads and writes.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include <gloox/client.h>
#include <gloox/connectionlistener.h>
#include <gloox/message.h>
#include <gloox/messagehandler.h>

#include <cstdlib>
#include <iostream>
#include <poll.h>
#include <string>
#include <unistd.h>

static const int turn_us = 20000;

class Program : public gloox::ConnectionListener, public gloox::MessageHandler
{
      public:
	Program(char **argv)
	    : client_(gloox::JID(argv[1]), argv[2],
	              static_cast<int>(std::strtol(argv[4], nullptr, 10)))
	{
		client_.setServer(argv[3]);
		client_.registerConnectionListener(this);
		client_.registerMessageHandler(this);
		client_.setTls(gloox::TLSRequired);
	}

	void run()
	{
		if (!client_.connect(false)) {
			std::cout << "FAILED connect" << std::endl;
			return;
		}
		while (client_.recv(turn_us) == gloox::ConnNoError && !over_)
			if (ready_)
				read_commands();
	}

	void onConnect() override
	{
		ready_ = true;
		std::cout << "READY " << client_.jid().full() << std::endl;
	}

	void onDisconnect(gloox::ConnectionError e) override
	{
		over_ = true;
		if (!ready_)
			std::cout << "FAILED error " << e << ", authentication "
				  << client_.authError() << std::endl;
	}

	/* A certificate that nobody signed is what a demo has. */
	bool onTLSConnect(const gloox::CertInfo &) override
	{
		return true;
	}

	void handleMessage(const gloox::Message &message, gloox::MessageSession *) override
	{
		if (!message.body().empty())
			std::cout << "RECEIVED " << message.from().bare() << " "
				  << message.body() << std::endl;
	}

      private:
	void read_commands()
	{
		struct pollfd input = { 0, POLLIN, 0 };
		char buffer[4096];
		ssize_t got;

		if (poll(&input, 1, 0) <= 0)
			return;
		got = read(0, buffer, sizeof(buffer));
		if (got <= 0)
			return client_.disconnect();
		pending_.append(buffer, static_cast<size_t>(got));
		for (size_t end; (end = pending_.find('\n')) != std::string::npos;
		     pending_.erase(0, end + 1))
			obey(pending_.substr(0, end));
	}

	void obey(const std::string &line)
	{
		size_t space = line.find(' ', 5);

		if (line.compare(0, 5, "send ") != 0 || space == std::string::npos)
			return client_.disconnect();
		client_.send(gloox::Message(gloox::Message::Chat,
		                            gloox::JID(line.substr(5, space - 5)),
		                            line.substr(space + 1)));
	}

	gloox::Client client_;
	std::string pending_;
	bool ready_ = false;
	bool over_ = false;
};

int main(int argc, char **argv)
{
	if (argc < 5)
		return EXIT_FAILURE;
	Program(argv).run();
	return EXIT_SUCCESS;
}
